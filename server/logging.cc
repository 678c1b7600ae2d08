#include "server/logging.h"

#include <unistd.h>

#include <array>
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

// Writes each message as an object on a line of its own.
class JsonSink final : public google::LogSink {
 public:
  void send(google::LogSeverity severity, const char*, const char* file,
            int line, const google::LogMessageTime& time, const char* message,
            size_t size) override {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    const std::time_t seconds = time.timestamp();
    std::tm utc = {};
    gmtime_r(&seconds, &utc);
    const std::string at =
        absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
                        utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                        utc.tm_hour, utc.tm_min, utc.tm_sec, time.usec());
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
    std::string text(buffer.GetString(), buffer.GetSize());
    text += '\n';
    // One call, so that lines of several threads do not mix. Where the log goes
    // cannot be told of an error.
    [[maybe_unused]] const ssize_t written =
        write(STDERR_FILENO, text.data(), text.size());
  }
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
  FLAGS_logtostderr = format == LogFormat::kText;
  if (format == LogFormat::kJson) {
    // Nothing to standard error but by the sink, and nothing to files.
    FLAGS_stderrthreshold = google::NUM_SEVERITIES;
    for (int severity = 0; severity < google::NUM_SEVERITIES; ++severity) {
      google::SetLogDestination(severity, "");
    }
    static JsonSink& sink = *new JsonSink;
    google::AddLogSink(&sink);
  }
  google::protobuf::SetLogHandler(&LogProtobufMessage);
  gpr_set_log_function(&LogGrpcMessage);
  gpr_log_verbosity_init();
  google::InitGoogleLogging(program);
  google::InstallFailureSignalHandler();
}

void SetLogLevel(LogLevel level) {
  FLAGS_minloglevel = static_cast<int>(level);
}

LogLevel GetLogLevel() { return static_cast<LogLevel>(FLAGS_minloglevel); }

}  // namespace mentiond
