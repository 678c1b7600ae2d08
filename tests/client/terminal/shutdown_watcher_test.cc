#include "client/terminal/shutdown_watcher.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

#include "client/terminal/sink.h"

namespace mentiond::terminal {
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

// Sends two signals to its own process.
void SignalTwice() {
  ShutdownWatcher::BlockSignals();
  absl::Notification ended;
  const auto watcher = ShutdownWatcher::Start(
      /*output=*/-1, [&ended] { ended.Notify(); },
      [] { std::fputs("exiting", stderr); });
  if (!watcher.ok()) std::_Exit(2);
  kill(getpid(), SIGINT);
  ended.WaitForNotification();
  kill(getpid(), SIGTERM);
  absl::Notification never;
  never.WaitForNotificationWithTimeout(kPatience);
  std::_Exit(1);
}

TEST(ShutdownWatcherDeathTest, ASecondSignalKillsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(SignalTwice(), testing::KilledBySignal(SIGTERM), "exiting");
}

TEST(ShutdownWatcherTest, ReportsAClosedOutputOnce) {
  ShutdownWatcher::BlockSignals();
  Pipe pipe;
  // One can end before that.
  ASSERT_TRUE(ShutdownWatcher::Start(
                  pipe.writer(), [] { ADD_FAILURE(); }, [] {})
                  .ok());
  // A second call would crash: a Notification can be notified only once.
  absl::Notification ended;
  auto watcher = ShutdownWatcher::Start(
      pipe.writer(), [&ended] { ended.Notify(); }, [] {});
  ASSERT_TRUE(watcher.ok()) << watcher.status();
  EXPECT_FALSE(ended.HasBeenNotified());
  pipe.CloseReader();
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(kPatience));
}

TEST(FdSinkTest, WritesAllOrSaysWhyNot) {
  ShutdownWatcher::BlockSignals();
  Pipe pipe;
  StopFlag stop;
  FdSink sink(pipe.writer(), stop.fd());
  ASSERT_TRUE(sink.Write(std::string(50'000, 'x')).ok());
  std::string read(60'000, ' ');
  EXPECT_EQ(::read(pipe.ends[0], read.data(), read.size()), 50'000);
  // Once stopped it does not wait for the reader: what fits is written.
  stop.Set();
  EXPECT_TRUE(sink.Write("x").ok());
  EXPECT_EQ(sink.Write(std::string(1 << 20, 'x')).code(),
            absl::StatusCode::kCancelled);
  // Errors of the system are told.
  pipe.CloseReader();
  EXPECT_EQ(sink.Write("x").code(), absl::StatusCode::kFailedPrecondition);
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  EXPECT_EQ(FdSink(full, stop.fd()).Write("x").code(),
            absl::StatusCode::kResourceExhausted);
  close(full);
}

}  // namespace
}  // namespace mentiond::terminal
