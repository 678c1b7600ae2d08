#include "lib/base/clock.h"

#include "absl/time/clock.h"
#include "asio/io_context.hpp"
#include "gtest/gtest.h"

#include "lib/base/task_scope.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {
namespace {

asio::awaitable<void> SleepAndCount(Clock* clock, absl::Time deadline,
                                    int* awake) {
  co_await clock->SleepUntil(deadline);
  ++*awake;
}

class RealClockTest : public ::testing::Test {
 protected:
  TaskScope::TaskId Sleep(absl::Time deadline, int* awake) {
    return scope_.Spawn(SleepAndCount(&clock_, deadline, awake));
  }

  asio::io_context loop_;
  RealClock clock_;
  TaskScope scope_{loop_.get_executor()};
  int awake_ = 0;
};

TEST_F(RealClockTest, IsTheSystemsAndADeadlineThatHasPassedIsNoWait) {
  const absl::Time before = absl::Now();
  const absl::Time now = clock_.Now();
  EXPECT_TRUE(before <= now && now <= absl::Now());
  for (const absl::Time deadline :
       {now, now - absl::Hours(1), absl::UnixEpoch(), absl::InfinitePast()}) {
    awake_ = 0;
    Sleep(deadline, &awake_);
    RunReady(loop_);
    EXPECT_EQ(awake_, 1);
  }
}

TEST_F(RealClockTest, WaitsUntilTheDeadline) {
  const absl::Time deadline = clock_.Now() + absl::Milliseconds(20);
  Sleep(deadline, &awake_);

  loop_.run();

  EXPECT_EQ(awake_, 1);
  // It waits by the monotonic clock, from which the wall clock may differ by
  // what it is being adjusted by.
  EXPECT_GE(clock_.Now(), deadline - absl::Milliseconds(1));
}

TEST_F(RealClockTest, ACancelledSleeperWakesAtOnceAndNoOther) {
  int other = 0;
  Sleep(clock_.Now() + absl::Hours(1), &other);
  for (const absl::Time deadline :
       {clock_.Now() + absl::Hours(1), absl::InfiniteFuture()}) {
    for (const bool asleep : {true, false}) {
      awake_ = 0;
      const auto sleeper = Sleep(deadline, &awake_);
      // Who is cancelled before it begins does not fall asleep.
      if (asleep) RunReady(loop_);
      ASSERT_EQ(awake_, 0);

      scope_.Cancel(sleeper);
      RunReady(loop_);
      EXPECT_EQ(awake_, 1);
      EXPECT_EQ(scope_.size(), 1U);
    }
  }
  EXPECT_EQ(other, 0);
  scope_.CancelAll();
  RunReady(loop_);
}

}  // namespace
}  // namespace mentiond
