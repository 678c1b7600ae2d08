#include "server/options.h"

#include <cstdlib>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using testing::HasSubstr;
using O = ServerOptions;

std::variant<ServerOptions, ExitEarly> Parse(
    const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"mentiond"};
  for (const std::string& one : arguments) argv.push_back(one.c_str());
  return ParseServerOptions(static_cast<int>(argv.size()), argv.data());
}

ServerOptions ParseGood(const std::vector<std::string>& arguments) {
  const auto parsed = Parse(arguments);
  if (const auto* exit = std::get_if<ExitEarly>(&parsed)) {
    ADD_FAILURE() << exit->text;
    return {};
  }
  return std::get<ServerOptions>(parsed);
}

void ExpectUsageError(const std::vector<std::string>& arguments,
                      const std::string& message) {
  const auto parsed = Parse(arguments);
  const auto* exit = std::get_if<ExitEarly>(&parsed);
  ASSERT_NE(exit, nullptr) << message;
  EXPECT_EQ(exit->code, 2);
  EXPECT_THAT(exit->text, HasSubstr(message));
}

using Field = std::variant<std::string O::*, int O::*, int64_t O::*, bool O::*,
                           absl::Duration O::*, LogFormat O::*, LogLevel O::*>;

std::string Text(const std::string& value) { return value; }
std::string Text(int value) { return absl::StrCat(value); }
std::string Text(int64_t value) { return absl::StrCat(value); }
std::string Text(bool value) { return value ? "true" : "false"; }
std::string Text(absl::Duration value) { return absl::FormatDuration(value); }
std::string Text(LogFormat value) {
  return value == LogFormat::kJson ? "json" : "text";
}
std::string Text(LogLevel value) { return LogLevelName(value); }

// All options, each with its default and a value that no other one has, except
// that those of files are files that there are.
const struct Row {
  const char* name;
  Field field;
  std::string by_default;
  const char* other;

  std::string In(const ServerOptions& options) const {
    return std::visit([&](auto member) { return Text(options.*member); },
                      field);
  }
} kOptions[] = {
    {"listen", &O::listen, "127.0.0.1:50051", "h:1"},
    {"tls_cert", &O::tls_cert, "", "/proc/self/status"},
    {"tls_key", &O::tls_key, "", "/proc/self/stat"},
    {"tls_client_ca", &O::tls_client_ca, "", "/proc/self/statm"},
    {"allow_plaintext", &O::allow_plaintext, "false", "true"},
    {"authorization_policy", &O::authorization_policy, "", "/proc/self/maps"},
    {"channelz", &O::channelz, "true", "false"},
    {"github_api", &O::github_api, "https://api.github.com", "https://h/api"},
    {"github_ca_file", &O::github_ca_file, "", "/proc/self/comm"},
    {"poll_interval", &O::poll_interval, "1m", "7s"},
    {"keepalive_message_interval", &O::keepalive_message_interval, "30s", "8s"},
    {"full_poll_every", &O::full_poll_every, "10", "15"},
    {"full_read_interval", &O::full_read_interval, "24h", "36h30m"},
    {"requests_per_token", &O::requests_per_token, "1", "16"},
    {"requests_per_minute", &O::requests_per_minute, "900", "61"},
    {"max_requests", &O::max_requests, "1000", "17"},
    {"event_loops", &O::event_loops, absl::StrCat(DefaultEventLoops()), "18"},
    {"slow_reader_timeout", &O::slow_reader_timeout, "5m", "13s"},
    {"dead_client_timeout", &O::dead_client_timeout, "40s", "200ms"},
    {"stream_buffer_bytes", &O::stream_buffer_bytes, "262144", "19"},
    {"max_streams", &O::max_streams, "100000", "20"},
    {"max_streams_per_token", &O::max_streams_per_token, "0", "21"},
    {"max_streams_per_peer", &O::max_streams_per_peer, "0", "22"},
    {"max_streams_per_connection", &O::max_streams_per_connection, "0", "23"},
    {"grpc_memory_bytes", &O::grpc_memory_bytes, "0", "99999999999"},
    {"allow_core_dumps", &O::allow_core_dumps, "false", "true"},
    {"max_stream_age", &O::max_stream_age, "0", "9s"},
    {"drain_timeout", &O::drain_timeout, "10s", "1m30s"},
    {"metrics_listen", &O::metrics_listen, "", "h:2"},
    {"admin_listen", &O::admin_listen, "", "h:3"},
    {"allow_remote_admin", &O::allow_remote_admin, "false", "true"},
    {"log_format", &O::log_format, "text", "json"},
    {"log_level", &O::log_level, "info", "error"},
    {"webhook_listen", &O::webhook_listen, "", "h:4"},
    {"webhook_secret_file", &O::webhook_secret_file, "", "/proc/self/cmdline"},
};

TEST(OptionsTest, AllHaveTheirDefaults) {
  const ServerOptions options = ParseGood({});
  EXPECT_EQ(options.settings.size(), std::size(kOptions));
  for (const Row& row : kOptions) {
    EXPECT_EQ(row.In(options), row.by_default) << row.name;
    EXPECT_EQ(row.In(ServerOptions()), row.by_default) << row.name;
    ASSERT_EQ(options.settings.count(row.name), 1U) << row.name;
    EXPECT_EQ(options.settings.at(row.name), row.by_default) << row.name;
  }
}

TEST(OptionsTest, TheEnvironmentSetsThemAndTheCommandLineComesFirst) {
  std::vector<std::string> defaults;
  for (const Row& row : kOptions) {
    setenv(absl::StrCat("MENTIOND_", absl::AsciiStrToUpper(row.name)).c_str(),
           row.other, 1);
    // Files and ports are only of use together.
    if (row.by_default.empty()) continue;
    defaults.push_back(absl::StrCat("--", row.name, "=", row.by_default));
  }
  const ServerOptions others = ParseGood({});
  const ServerOptions first = ParseGood(defaults);
  ExpectUsageError({"--max_streams=-1"}, "max_streams");
  setenv("MENTIOND_MAX_STREAMS", "0", 1);
  ExpectUsageError({}, "max_streams");
  for (const Row& row : kOptions) {
    unsetenv(
        absl::StrCat("MENTIOND_", absl::AsciiStrToUpper(row.name)).c_str());
    EXPECT_EQ(row.In(others), row.other) << row.name;
    EXPECT_EQ(others.settings.at(row.name), row.other) << row.name;
    EXPECT_EQ(row.In(first),
              row.by_default.empty() ? row.other : row.by_default)
        << row.name;
  }
}

TEST(OptionsTest, AFlagAloneIsTrueAndNoOtherOneIs) {
  for (const Row& given : kOptions) {
    if (std::string(given.other) != "true") continue;
    const ServerOptions options = ParseGood({absl::StrCat("--", given.name)});
    for (const Row& row : kOptions) {
      EXPECT_EQ(row.In(options), &row == &given ? "true" : row.by_default)
          << row.name;
    }
  }
}

TEST(OptionsTest, TakesBothSyntaxesAndZeroWhereThatMeansNever) {
  EXPECT_EQ(ParseGood({"--listen", "[::]:0"}).listen, "[::]:0");
  EXPECT_EQ(ParseGood({"--github_api=https://ghe.example/api/v3/"}).github_api,
            "https://ghe.example/api/v3");
  EXPECT_EQ(ParseGood({"--log_level=warning"}).log_level, LogLevel::kWarning);
  const ServerOptions off =
      ParseGood({"--keepalive_message_interval=0", "--requests_per_minute=0",
                 "--max_stream_age=0s"});
  EXPECT_EQ(off.keepalive_message_interval, absl::ZeroDuration());
  EXPECT_EQ(off.requests_per_minute, 0);
  EXPECT_EQ(off.max_stream_age, absl::ZeroDuration());
}

TEST(OptionsTest, APolicyNeedsCertificatesAndTurnsChannelzOff) {
  // A file that is there: options do not look into it.
  const std::string file = "=/proc/self/status";
  std::vector<std::string> arguments = {"--authorization_policy" + file};
  ExpectUsageError(arguments, "--authorization_policy needs --tls_client_ca");
  arguments.push_back("--tls_cert" + file);
  ExpectUsageError(arguments, "only of use together");
  arguments.push_back("--tls_key" + file);
  ExpectUsageError(arguments, "--authorization_policy needs --tls_client_ca");
  arguments.push_back("--tls_client_ca" + file);
  const auto channelz = [&arguments](const char* flag) {
    arguments.push_back(flag);
    const ServerOptions options = ParseGood(arguments);
    arguments.pop_back();
    EXPECT_EQ(options.settings.at("channelz"), Text(options.channelz));
    return options.channelz;
  };
  EXPECT_FALSE(channelz("--listen=h:1"));
  EXPECT_TRUE(channelz("--channelz"));
  setenv("MENTIOND_CHANNELZ", "true", 1);
  EXPECT_TRUE(channelz("--listen=h:1"));
  EXPECT_FALSE(channelz("--channelz=false"));
  unsetenv("MENTIOND_CHANNELZ");
}

TEST(OptionsTest, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"--github_api=ftp://x", "must be an HTTP or HTTPS URL"},
      {"--github_api=https://", "must contain a host"},
      {"--github_api=https://user@host",
       "must not contain a user, query or fragment"},
      {"--requests_per_minute=5", "must be 0, or from 60"},
      {"--event_loops=0", "event_loops"},
      {"--log_level=loud", "log_level"},
      {"--log_format=xml", "log_format"},
      {"--tls_cert=/no/file", "tls_cert"},
      {"--tls_client_ca=/proc/self/status", "needs --tls_cert and --tls_key"},
      {"--webhook_listen=h:1", "--webhook_secret_file are only of use"},
      {"--no_such_flag", "no_such_flag"},
      {"surprise", "surprise"},
  };
  for (const auto& [argument, error] : cases) {
    ExpectUsageError({argument}, error);
  }
  for (const Row& row : kOptions) {
    if (!std::holds_alternative<absl::Duration O::*>(row.field)) continue;
    const std::string flag = absl::StrCat("--", row.name, "=");
    ExpectUsageError({flag + "36"}, "must be a duration");
    ExpectUsageError({flag + "-1h"}, "must be positive");
    const bool may_be_zero = row.by_default == "0" ||
                             row.field == Field(&O::keepalive_message_interval);
    if (!may_be_zero) ExpectUsageError({flag + "0s"}, "must be positive");
  }
}

TEST(OptionsTest, HelpAndVersionExitWithSuccess) {
  for (const char* flag : {"--help", "--version"}) {
    const auto parsed = Parse({flag});
    ASSERT_TRUE(std::holds_alternative<ExitEarly>(parsed));
    EXPECT_EQ(std::get<ExitEarly>(parsed).code, 0);
    EXPECT_THAT(std::get<ExitEarly>(parsed).text, HasSubstr("mentiond"));
  }
}

}  // namespace
}  // namespace mentiond
