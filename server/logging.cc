#include "server/logging.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <ctime>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "glog/logging.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

#include "lib/base/log_limit.h"

namespace mentiond {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"info", "warning", "error"};

// Sends protobuf's own messages, which contain no user data, to our log.
void LogProtobufMessage(google::protobuf::LogLevel, const char*, int,
                        const std::string& message) {
  LOG(WARNING) << "protobuf: " << message;
}

// In a second, unless somebody wants more: whoever can connect can cause what
// gRPC calls an error, such as a TLS handshake that fails.
constexpr int kGrpcLinesPerSecond = 10;

// Sends gRPC's own messages to our log. It filters them first: errors only,
// unless GRPC_VERBOSITY says otherwise.
void LogGrpcMessage(gpr_log_func_args* args) {
  static const bool all_wanted = std::getenv("GRPC_VERBOSITY") != nullptr;
  static LogLimit& limit = *new LogLimit(kGrpcLinesPerSecond);
  const std::optional<LeftOut> left_out =
      all_wanted ? LeftOut() : limit.Admit(absl::Now());
  if (!left_out) return;
  const google::LogSeverity severity = args->severity == GPR_LOG_SEVERITY_ERROR
                                           ? google::GLOG_ERROR
                                           : google::GLOG_INFO;
  google::LogMessage(args->file, args->line, severity).stream()
      << "gRPC: " << args->message << *left_out;
}

// glog's own, FLAGS_minloglevel, is a plain integer, which no thread may change
// while others log.
std::atomic<LogLevel> level_now = LogLevel::kInfo;

std::string ToJson(google::LogSeverity severity, const char* file, int line,
                   const google::LogMessageTime& time, const char* message,
                   size_t size) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const std::time_t seconds = time.timestamp();
  std::tm utc = {};
  gmtime_r(&seconds, &utc);
  const std::string at = absl::StrFormat(
      "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", utc.tm_year + 1900, utc.tm_mon + 1,
      utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, time.usec());
  const std::string source = absl::StrFormat("%s:%d", file, line);
  json.StartObject();
  json.Key("time");
  json.String(at.c_str());
  json.Key("level");
  json.String(severity < static_cast<int>(kNames.size())
                  ? kNames[static_cast<size_t>(severity)].data()
                  : "fatal");
  json.Key("source");
  json.String(source.c_str());
  json.Key("message");
  json.String(message, static_cast<rapidjson::SizeType>(size));
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

// Writes each message of the level or above as one line.
class StderrSink final : public google::LogSink {
 public:
  explicit StderrSink(LogFormat format) : format_(format) {}

  void send(google::LogSeverity severity, const char*, const char* file,
            int line, const google::LogMessageTime& time, const char* message,
            size_t size) override {
    if (severity < static_cast<int>(GetLogLevel())) return;
    std::string text =
        format_ == LogFormat::kJson
            ? ToJson(severity, file, line, time, message, size)
            : ToString(severity, file, line, time, message, size);
    text += '\n';
    // One call, so that lines of several threads do not mix. Where the log goes
    // cannot be told of an error.
    [[maybe_unused]] const ssize_t written =
        write(STDERR_FILENO, text.data(), text.size());
  }

 private:
  const LogFormat format_;
};

}  // namespace

std::optional<LogLevel> ParseLogLevel(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

std::string LogLevelName(LogLevel level) {
  return std::string(kNames[static_cast<size_t>(level)]);
}

void StartLogging(const char* program, LogFormat format, LogLevel level) {
  SetLogLevel(level);
  // Nothing to standard error but by the sink, and nothing to files.
  FLAGS_stderrthreshold = google::NUM_SEVERITIES;
  for (int severity = 0; severity < google::NUM_SEVERITIES; ++severity) {
    google::SetLogDestination(severity, "");
  }
  static StderrSink& sink = *new StderrSink(format);
  google::AddLogSink(&sink);
  google::protobuf::SetLogHandler(&LogProtobufMessage);
  gpr_set_log_function(&LogGrpcMessage);
  gpr_log_verbosity_init();
  google::InitGoogleLogging(program);
  google::InstallFailureSignalHandler();
}

void SetLogLevel(LogLevel level) { level_now = level; }

LogLevel GetLogLevel() { return level_now; }

}  // namespace mentiond
