// The program's log: glog on standard error, as text or as JSON lines, with a
// level that can be changed while it runs. What protobuf and gRPC have to say
// is in it, too.

#ifndef MENTIOND_SERVER_LOGGING_H_
#define MENTIOND_SERVER_LOGGING_H_

#include <optional>
#include <string>
#include <string_view>

namespace mentiond {

enum class LogFormat { kText, kJson };

// Each includes those behind it.
enum class LogLevel { kInfo, kWarning, kError };

// nullopt: no level has that name.
std::optional<LogLevel> ParseLogLevel(std::string_view name);
std::string LogLevelName(LogLevel level);

// To be called once, before anything is logged and before gRPC is used.
// `program` is argv[0].
void StartLogging(const char* program, LogFormat format, LogLevel level);

// Any thread.
void SetLogLevel(LogLevel level);
LogLevel GetLogLevel();

}  // namespace mentiond

#endif  // MENTIOND_SERVER_LOGGING_H_
