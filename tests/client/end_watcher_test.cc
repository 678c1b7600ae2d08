#include "client/end_watcher.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

#include "client/sink.h"

namespace mentiond {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

struct Pipe {
  Pipe() { EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    CloseReader();
    close(ends[1]);
  }
  void CloseReader() {
    if (ends[0] >= 0) close(ends[0]);
    ends[0] = -1;
  }
  int writer() const { return ends[1]; }

  std::array<int, 2> ends = {-1, -1};
};

// What a process does that is told to end and then told again.
void EndTwice() {
  EndWatcher::TakeSignals();
  absl::Notification ended;
  const auto watcher = EndWatcher::Start(
      /*output=*/-1, [&ended] { ended.Notify(); },
      [] { std::fputs("about to die", stderr); });
  if (!watcher.ok()) std::_Exit(2);
  kill(getpid(), SIGINT);
  ended.WaitForNotification();
  kill(getpid(), SIGTERM);
  absl::Notification never;
  never.WaitForNotificationWithTimeout(kPatience);
  std::_Exit(1);
}

TEST(EndWatcherDeathTest, TheFirstSignalIsToldTheSecondKills) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(EndTwice(), testing::KilledBySignal(SIGTERM), "about to die");
}

TEST(EndWatcherTest, ALostReaderIsToldOnce) {
  EndWatcher::TakeSignals();
  Pipe pipe;
  // A second call would end the test: a notification can be given only once.
  absl::Notification ended;
  auto watcher = EndWatcher::Start(
      pipe.writer(), [&ended] { ended.Notify(); }, [] {});
  ASSERT_TRUE(watcher.ok()) << watcher.status();
  EXPECT_FALSE(ended.HasBeenNotified());
  pipe.CloseReader();
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(kPatience));
}

TEST(EndWatcherTest, EndsWithNothingToTell) {
  Pipe pipe;
  auto watcher = EndWatcher::Start(
      pipe.writer(), [] { ADD_FAILURE() << "told of an end"; }, [] {});
  ASSERT_TRUE(watcher.ok()) << watcher.status();
}

TEST(FdSinkTest, WritesAllOfALongText) {
  Pipe pipe;
  StopFlag stop;
  FdSink sink(pipe.writer(), stop.fd());
  ASSERT_TRUE(sink.Write(std::string(50'000, 'x')).ok());
  std::string read(60'000, ' ');
  EXPECT_EQ(::read(pipe.ends[0], read.data(), read.size()), 50'000);
}

TEST(FdSinkTest, TellsALostReader) {
  EndWatcher::TakeSignals();
  Pipe pipe;
  pipe.CloseReader();
  StopFlag stop;
  EXPECT_EQ(FdSink(pipe.writer(), stop.fd()).Write("x").code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(FdSinkTest, GivesUpOnAReaderThatDoesNotReadWhenStopped) {
  Pipe pipe;
  StopFlag stop;
  stop.Set();
  FdSink sink(pipe.writer(), stop.fd());
  // What can be written still is,
  EXPECT_TRUE(sink.Write("x").ok());
  // more than the pipe holds is not waited for.
  EXPECT_EQ(sink.Write(std::string(1 << 20, 'x')).code(),
            absl::StatusCode::kCancelled);
}

TEST(FdSinkTest, SaysWhatTheSystemSays) {
  StopFlag stop;
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  const absl::Status status = FdSink(full, stop.fd()).Write("x");
  close(full);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace mentiond
