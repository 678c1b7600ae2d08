#include "client/terminal/token_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond::terminal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string ErrorOf(const std::string& command,
                    absl::Duration timeout = absl::Seconds(30)) {
  const auto token = RunTokenCommand(command, timeout);
  EXPECT_FALSE(token.ok());
  return std::string(token.status().message());
}

TEST(TokenCommandTest, ReturnsWhatTheCommandPrints) {
  EXPECT_EQ(*RunTokenCommand("echo ghp_1"), "ghp_1");
  EXPECT_EQ(*RunTokenCommand("printf ' \\tghp_2\\r\\n\\n'"), "ghp_2");
  EXPECT_EQ(*RunTokenCommand("printf ghp_ && printf 3"), "ghp_3");
}

TEST(TokenCommandTest, ReportsACommandThatFails) {
  EXPECT_THAT(ErrorOf("exit 7"), HasSubstr("exit code 7"));
  EXPECT_THAT(ErrorOf("kill -9 $$"), HasSubstr("signal 9"));
  EXPECT_THAT(ErrorOf("true"), HasSubstr("printed nothing"));
  EXPECT_THAT(ErrorOf("no-such-command-for-tokens 2>/dev/null"),
              HasSubstr("exit code 127"));
  // A token that was printed before is not repeated.
  EXPECT_THAT(ErrorOf("echo ghp_secret; exit 1"), Not(HasSubstr("ghp_secret")));
}

TEST(TokenCommandTest, LimitsTimeAndOutput) {
  EXPECT_THAT(ErrorOf("exec sleep 1000", absl::Milliseconds(50)),
              HasSubstr("did not end within 50ms"));
  EXPECT_THAT(ErrorOf("exec cat /dev/zero"),
              HasSubstr("far more than a token"));
}

TEST(TokenCommandTest, GivesTheCommandOrdinarySignalsAndNoInput) {
  // It would wait for ever otherwise, or not end with the pipe.
  EXPECT_EQ(*RunTokenCommand("cat; echo ghp_4"), "ghp_4");
  EXPECT_THAT(ErrorOf("kill -TERM $$; echo ghp_5"), HasSubstr("signal 15"));
}

}  // namespace
}  // namespace mentiond::terminal
