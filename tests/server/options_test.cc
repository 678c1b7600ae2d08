#include "server/options.h"

#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using testing::HasSubstr;

std::variant<ServerOptions, ExitEarly> Parse(
    std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "mentiond");
  return ParseServerOptions(static_cast<int>(arguments.size()),
                            arguments.data());
}

ServerOptions ParseGood(const std::vector<const char*>& arguments) {
  const auto parsed = Parse(arguments);
  if (const auto* exit = std::get_if<ExitEarly>(&parsed)) {
    ADD_FAILURE() << exit->text;
    return {};
  }
  return std::get<ServerOptions>(parsed);
}

void ExpectUsageError(const std::vector<const char*>& arguments,
                      const std::string& message) {
  const auto parsed = Parse(arguments);
  ASSERT_TRUE(std::holds_alternative<ExitEarly>(parsed)) << arguments[0];
  EXPECT_EQ(std::get<ExitEarly>(parsed).code, 2);
  EXPECT_THAT(std::get<ExitEarly>(parsed).text, HasSubstr(message));
}

TEST(OptionsTest, HasDefaults) {
  const ServerOptions options = ParseGood({});
  EXPECT_EQ(options.listen, "127.0.0.1:50051");
  EXPECT_EQ(options.github_api, "https://api.github.com");
  EXPECT_EQ(options.poll_interval, absl::Seconds(60));
  EXPECT_EQ(options.full_read_interval, absl::Hours(24));
  EXPECT_GE(options.event_loops, 1);
}

TEST(OptionsTest, TheEnvironmentMayGiveThemButTheCommandLineComesFirst) {
  setenv("MENTIOND_POLL_INTERVAL", "7s", 1);
  setenv("MENTIOND_LOG_FORMAT", "json", 1);
  setenv("MENTIOND_MAX_STREAMS", "0", 1);
  const ServerOptions options = ParseGood({"--max_streams=5"});
  EXPECT_EQ(options.poll_interval, absl::Seconds(7));
  EXPECT_EQ(options.log_format, LogFormat::kJson);
  EXPECT_EQ(options.max_streams, 5);
  EXPECT_EQ(ParseGood({"--poll_interval=8s", "--max_streams=5"}).poll_interval,
            absl::Seconds(8));
  // It is checked like the command line.
  ExpectUsageError({}, "max_streams");
  for (const char* name : {"MENTIOND_POLL_INTERVAL", "MENTIOND_LOG_FORMAT",
                           "MENTIOND_MAX_STREAMS"}) {
    unsetenv(name);
  }
}

TEST(OptionsTest, NamesTheLevelsAndFormatsOfTheLog) {
  EXPECT_EQ(ParseGood({"--log_level=error"}).log_level, LogLevel::kError);
  EXPECT_EQ(ParseGood({"--log_format=text"}).log_format, LogFormat::kText);
  ExpectUsageError({"--log_level=loud"}, "log_level");
  ExpectUsageError({"--log_format=xml"}, "log_format");
}

TEST(OptionsTest, ZeroTurnsHeartbeatsAndTheLimitPerMinuteOff) {
  const ServerOptions options =
      ParseGood({"--keepalive_message_interval=0", "--requests_per_minute=0"});
  EXPECT_EQ(options.keepalive_message_interval, absl::ZeroDuration());
  EXPECT_EQ(options.requests_per_minute, 0);
  ExpectUsageError({"--requests_per_minute=5"}, "must be 0, or from 60");
}

TEST(OptionsTest, AcceptsBothFlagSyntaxes) {
  EXPECT_EQ(ParseGood({"--listen=0.0.0.0:1"}).listen, "0.0.0.0:1");
  EXPECT_EQ(ParseGood({"--listen", "[::]:0"}).listen, "[::]:0");
}

TEST(OptionsTest, ParsesGoStyleDurations) {
  EXPECT_EQ(ParseGood({"--poll_interval=1m30s"}).poll_interval,
            absl::Seconds(90));
  EXPECT_EQ(ParseGood({"--poll_interval=200ms"}).poll_interval,
            absl::Milliseconds(200));
}

TEST(OptionsTest, EveryDurationFlagSetsItsFieldAndMustBePositive) {
  const struct {
    const char* flag;
    absl::Duration ServerOptions::*field;
  } cases[] = {
      {"--poll_interval=", &ServerOptions::poll_interval},
      {"--full_read_interval=", &ServerOptions::full_read_interval},
      {"--slow_reader_timeout=", &ServerOptions::slow_reader_timeout},
      {"--dead_client_timeout=", &ServerOptions::dead_client_timeout},
  };
  for (const auto& [flag, field] : cases) {
    const std::string name = flag;
    EXPECT_EQ(ParseGood({(name + "36h30m").c_str()}).*field,
              absl::Hours(36) + absl::Minutes(30))
        << flag;
    ExpectUsageError({(name + "36").c_str()}, "duration");
    ExpectUsageError({(name + "0s").c_str()}, "must be positive");
    ExpectUsageError({(name + "-1h").c_str()}, "must be positive");
  }
}

TEST(OptionsTest, RemovesTrailingSlashesFromTheApiUrl) {
  EXPECT_EQ(ParseGood({"--github_api=https://ghe.example/api/v3/"}).github_api,
            "https://ghe.example/api/v3");
}

TEST(OptionsTest, APolicyNeedsTheNamesInClientsCertificates) {
  // A file that is there: options do not look into it.
  const char* policy = "--authorization_policy=/proc/self/status";
  const std::vector<const char*> tls = {"--tls_cert=/proc/self/status",
                                        "--tls_key=/proc/self/status"};
  ExpectUsageError({policy}, "--authorization_policy needs --tls_client_ca");
  ExpectUsageError({policy, tls[0], tls[1]},
                   "--authorization_policy needs --tls_client_ca");
  const ServerOptions options =
      ParseGood({policy, tls[0], tls[1], "--tls_client_ca=/proc/self/status"});
  EXPECT_EQ(options.authorization_policy, "/proc/self/status");
}

TEST(OptionsTest, ChannelzIsOnUnlessAPolicySaysWhoMayCall) {
  const std::vector<const char*> with_policy = {
      "--authorization_policy=/proc/self/status",
      "--tls_cert=/proc/self/status", "--tls_key=/proc/self/status",
      "--tls_client_ca=/proc/self/status"};
  const auto channelz = [](std::vector<const char*> arguments,
                           const char* flag) {
    if (flag != nullptr) arguments.push_back(flag);
    const ServerOptions options = ParseGood(arguments);
    EXPECT_EQ(options.settings.at("channelz"),
              options.channelz ? "true" : "false");
    return options.channelz;
  };
  EXPECT_TRUE(channelz({}, nullptr));
  EXPECT_FALSE(channelz({}, "--channelz=false"));
  EXPECT_FALSE(channelz(with_policy, nullptr));
  EXPECT_TRUE(channelz(with_policy, "--channelz"));
  setenv("MENTIOND_CHANNELZ", "true", 1);
  EXPECT_TRUE(channelz(with_policy, nullptr));
  EXPECT_FALSE(channelz(with_policy, "--channelz=false"));
  unsetenv("MENTIOND_CHANNELZ");
}

TEST(OptionsTest, RejectsInvalidArguments) {
  ExpectUsageError({"--poll_interval=60"}, "duration");
  ExpectUsageError({"--poll_interval=0s"}, "must be positive");
  ExpectUsageError({"--poll_interval=-1s"}, "must be positive");
  ExpectUsageError({"--github_api=ftp://x"}, "must be an HTTP or HTTPS URL");
  ExpectUsageError({"--github_api=https://"}, "must contain a host");
  ExpectUsageError({"--github_api=https://user@host"},
                   "must not contain a user, query or fragment");
  ExpectUsageError({"--max_streams=-1"}, "max_streams");
  ExpectUsageError({"--event_loops=0"}, "event_loops");
  ExpectUsageError({"--no_such_flag"}, "no_such_flag");
  ExpectUsageError({"surprise"}, "surprise");
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
