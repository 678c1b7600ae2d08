#include "client/terminal/token_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

namespace mentiond::terminal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kNeverStopped = -1;

std::string ErrorOf(const std::string& command,
                    absl::Duration timeout = absl::Seconds(30)) {
  const auto token = RunTokenCommand(command, kNeverStopped, timeout);
  EXPECT_FALSE(token.ok());
  return std::string(token.status().message());
}

TEST(TokenCommandTest, ReturnsWhatTheCommandPrints) {
  EXPECT_EQ(*RunTokenCommand("echo ghp_1", kNeverStopped), "ghp_1");
  EXPECT_EQ(*RunTokenCommand("printf ' \\tghp_2\\r\\n\\n'", kNeverStopped),
            "ghp_2");
  EXPECT_EQ(*RunTokenCommand("printf ghp_ && printf 3", kNeverStopped),
            "ghp_3");
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
              HasSubstr("did not end in time"));
  EXPECT_THAT(
      ErrorOf("echo t; exec >&-; exec sleep 1000", absl::Milliseconds(50)),
      HasSubstr("did not end in time"));
  EXPECT_THAT(ErrorOf("exec cat /dev/zero"),
              HasSubstr("far more than a token"));
}

TEST(TokenCommandTest, CanBeStopped) {
  // Given a descriptor that is readable
  std::array<int, 2> stop;
  ASSERT_EQ(pipe(stop.data()), 0);
  ASSERT_EQ(write(stop[1], "x", 1), 1);
  EXPECT_EQ(RunTokenCommand("exec sleep 1000", stop[0]).status().code(),
            absl::StatusCode::kCancelled);
  close(stop[0]);
  close(stop[1]);
}

TEST(TokenCommandTest, GivesTheCommandOrdinarySignalsAndNoInput) {
  // It would wait for ever otherwise, or not end with the pipe.
  EXPECT_EQ(*RunTokenCommand("cat; echo ghp_4", kNeverStopped), "ghp_4");
  EXPECT_THAT(ErrorOf("kill -TERM $$; echo ghp_5"), HasSubstr("signal 15"));
}

}  // namespace
}  // namespace mentiond::terminal
