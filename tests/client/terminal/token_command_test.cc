#include "client/terminal/token_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

#include "client/terminal/shutdown_watcher.h"

namespace mentiond::terminal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(TokenCommandTest, ReturnsWhatTheCommandPrintsOrSaysWhyItHasNoToken) {
  ShutdownWatcher::BlockSignals();  // as the program does
  const struct {
    const char* command;
    const char* token;  // empty: it has none
    const char* error;
  } cases[] = {
      {"echo ghp_1", "ghp_1", ""},
      {"printf ' \\tghp_2\\r\\n\\n'", "ghp_2", ""},
      {"printf ghp_ && printf 3", "ghp_3", ""},
      // It has no input, which it would wait for for ever, and the signals of
      // any other program.
      {"cat; echo ghp_4", "ghp_4", ""},
      {"kill -TERM $$; echo ghp_5", "", "signal 15"},
      {"kill -PIPE $$; echo ghp_5", "", "signal 13"},
      {"kill -9 $$", "", "signal 9"},
      {"exit 7", "", "exit code 7"},
      {"no-such-command-for-tokens 2>/dev/null", "", "exit code 127"},
      {"true", "", "printed nothing"},
      {"exec cat /dev/zero", "", "far more than a token"},
      {"echo ghp_secret; exit 1", "", "exit code 1"},
  };
  for (const auto& [command, token, error] : cases) {
    const auto got = RunTokenCommand(command, /*stop_fd=*/-1);
    EXPECT_EQ(got.value_or(""), token) << command;
    const std::string message(got.status().message());
    EXPECT_THAT(message, HasSubstr(error)) << command;
    EXPECT_THAT(message, Not(HasSubstr("ghp_")));
  }
}

TEST(TokenCommandTest, DoesNotWaitForLongerThanTheTimeoutOrAStop) {
  for (const char* command :
       {"exec sleep 1000", "echo t; exec >&-; exec sleep 1000"}) {
    EXPECT_THAT(std::string(RunTokenCommand(command, /*stop_fd=*/-1,
                                            absl::Milliseconds(50))
                                .status()
                                .message()),
                HasSubstr("did not end in time"));
  }
  // Given a descriptor that is readable
  std::array<int, 2> stop;
  ASSERT_EQ(pipe(stop.data()), 0);
  ASSERT_EQ(write(stop[1], "x", 1), 1);
  EXPECT_EQ(RunTokenCommand("exec sleep 1000", stop[0]).status().code(),
            absl::StatusCode::kCancelled);
  close(stop[0]);
  close(stop[1]);
}

}  // namespace
}  // namespace mentiond::terminal
