#include "tests/subprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>

#include "absl/time/clock.h"

namespace mentiond {
namespace {

using Stream = Subprocess::Stream;

absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

std::unique_ptr<Subprocess> Shell(
    const std::string& script,
    const std::map<std::string, std::string>& env = {}) {
  auto started = Subprocess::Start({"/bin/sh", "-c", script}, env);
  EXPECT_TRUE(started.ok()) << started.status();
  return started.ok() ? *std::move(started) : nullptr;
}

TEST(SubprocessTest, ReadsBothStreamsLineByLine) {
  auto shell = Shell("echo one; echo two >&2; printf three");
  EXPECT_EQ(*shell->ReadLine(Stream::kStdout, Soon()), "one");
  EXPECT_EQ(*shell->ReadLine(Stream::kStderr, Soon()), "two");
  EXPECT_EQ(*shell->ReadLine(Stream::kStdout, Soon()), "three");
  EXPECT_EQ(shell->ReadLine(Stream::kStdout, Soon()).status().code(),
            absl::StatusCode::kOutOfRange);
}

TEST(SubprocessTest, DistinguishesCodesFromSignals) {
  EXPECT_EQ(*Shell("exit 7")->Wait(Soon()), (ExitStatus{.code = 7}));
  EXPECT_EQ(*Shell("kill -TERM $$")->Wait(Soon()),
            (ExitStatus{.code = -1, .signal = SIGTERM}));
}

TEST(SubprocessTest, PassesExactlyTheGivenEnvironment) {
  auto shell = Shell("echo \"$GREETING,$HOME\"", {{"GREETING", "hello"}});
  EXPECT_EQ(*shell->ReadLine(Stream::kStdout, Soon()), "hello,");
}

TEST(SubprocessTest, StandardInputIsAtItsEnd) {
  auto shell = Shell("read line || echo empty");
  EXPECT_EQ(*shell->ReadLine(Stream::kStdout, Soon()), "empty");
}

TEST(SubprocessTest, ADeadlineEndsTheWaitButNotTheProgram) {
  // Given a program that says something and then waits for a signal,
  auto shell = Shell(
      "trap 'echo bye; exit 3' TERM; printf 'on\\nhalf'; "
      "while :; do :; done");
  ASSERT_EQ(*shell->ReadLine(Stream::kStdout, Soon()), "on");
  // when a deadline passes, the waits say so,
  EXPECT_EQ(shell->ReadLine(Stream::kStdout, absl::Now()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(shell->Wait(absl::Now()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  // and the program continues, its half line not lost.
  ASSERT_TRUE(shell->Signal(SIGTERM).ok());
  EXPECT_EQ(*shell->ReadLine(Stream::kStdout, Soon()), "halfbye");
  EXPECT_EQ(*shell->Wait(Soon()), (ExitStatus{.code = 3}));
}

TEST(SubprocessTest, ARunningProgramDiesWithItsOwner) {
  auto shell = Shell("echo on; while :; do :; done");
  ASSERT_EQ(*shell->ReadLine(Stream::kStdout, Soon()), "on");
  const pid_t pid = shell->pid();
  shell.reset();
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(SubprocessTest, WaitsForALineAndShowsWhatCameInstead) {
  auto shell = Shell("echo a; echo b; echo c");
  EXPECT_EQ(*shell->WaitForLine(
                Stream::kStdout, [](auto line) { return line == "b"; }, Soon()),
            "b");
  auto missing = shell->WaitForLine(
      Stream::kStdout, [](auto line) { return line == "z"; }, Soon());
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(std::string(missing.status().message()),
              testing::HasSubstr("\nc\n"));
}

TEST(SubprocessTest, AFullPipeDoesNotBlockWaiting) {
  // More than a pipe holds, on the stream that nobody reads.
  auto shell = Shell("head -c 300000 /dev/zero >&2; echo done");
  EXPECT_EQ(*shell->ReadLine(Stream::kStdout, Soon()), "done");
  EXPECT_EQ(*shell->Wait(Soon()), (ExitStatus{.code = 0}));
  EXPECT_EQ(shell->ReadAll(Stream::kStderr, Soon())->size(), 300000u);
}

TEST(SubprocessTest, ClosingAStreamBreaksThePipe) {
  auto shell = Shell("while :; do echo y; done");
  ASSERT_EQ(*shell->ReadLine(Stream::kStdout, Soon()), "y");
  shell->Close(Stream::kStdout);
  EXPECT_EQ(*shell->Wait(Soon()), (ExitStatus{.code = -1, .signal = SIGPIPE}));
  EXPECT_EQ(shell->Signal(SIGTERM).code(), absl::StatusCode::kNotFound);
}

TEST(SubprocessTest, ATerminalSendsTypedKeysAndSignals) {
  auto started = Subprocess::StartOnTerminal(
      {"/bin/sh", "-c",
       "trap 'echo interrupted; exit 4' INT; test -t 1 && stty size; "
       "printf 'name? '; read name; echo hello $name; while :; do :; done"},
      {{"PATH", "/usr/bin:/bin"}}, /*columns=*/77);
  ASSERT_TRUE(started.ok()) << started.status();
  Subprocess& shell = **started;
  EXPECT_EQ(*shell.ReadLine(Stream::kStdout, Soon()), "40 77\r");
  ASSERT_TRUE(shell.WaitForText(Stream::kStdout, "name? ", Soon()).ok());
  ASSERT_TRUE(shell.Type("me\n").ok());
  ASSERT_TRUE(shell.WaitForText(Stream::kStdout, "hello me", Soon()).ok());
  ASSERT_TRUE(shell.Type("\x03").ok());
  EXPECT_TRUE(shell.WaitForText(Stream::kStdout, "interrupted", Soon()).ok());
  EXPECT_EQ(*shell.Wait(Soon()), (ExitStatus{.code = 4}));
}

TEST(SubprocessTest, SaysWhatCannotBeStarted) {
  auto started = Subprocess::Start({"/no/such/program"});
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(std::string(started.status().message()),
              testing::HasSubstr("/no/such/program"));
}

}  // namespace
}  // namespace mentiond
