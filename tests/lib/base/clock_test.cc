#include "lib/base/clock.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"
#include "asio/io_context.hpp"
#include "asio/this_coro.hpp"
#include "gtest/gtest.h"

#include "lib/base/task_scope.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {
namespace {

// Sleeps, then tells whether that was cut short.
asio::awaitable<bool> SleepWasCancelled(Clock* clock, absl::Time deadline) {
  co_await clock->SleepUntil(deadline);
  co_return IsCancelled(co_await asio::this_coro::cancellation_state);
}

asio::awaitable<void> SleepAndCount(Clock* clock, absl::Time deadline,
                                    int* awake) {
  co_await clock->SleepUntil(deadline);
  ++*awake;
}

class RealClockTest : public ::testing::Test {
 protected:
  asio::io_context loop_;
  RealClock clock_;
};

TEST_F(RealClockTest, ReturnsTheSystemsTime) {
  const absl::Time before = absl::Now();
  const absl::Time now = clock_.Now();
  EXPECT_GE(now, before);
  EXPECT_LE(now, absl::Now());
}

TEST_F(RealClockTest, ADeadlineThatHasPassedIsNoWait) {
  for (const absl::Time deadline : {clock_.Now(), clock_.Now() - absl::Hours(1),
                                    absl::UnixEpoch(), absl::InfinitePast()}) {
    const absl::Time before = absl::Now();

    EXPECT_FALSE(RunUntilDone(loop_, SleepWasCancelled(&clock_, deadline)));

    EXPECT_LT(absl::Now() - before, absl::Seconds(10));
  }
}

TEST_F(RealClockTest, WaitsUntilTheDeadline) {
  const absl::Time deadline = clock_.Now() + absl::Milliseconds(20);

  EXPECT_FALSE(RunUntilDone(loop_, SleepWasCancelled(&clock_, deadline)));

  // It waits by the monotonic clock, from which the wall clock may differ by
  // what it is being adjusted by.
  EXPECT_GE(clock_.Now(), deadline - absl::Milliseconds(1));
}

TEST_F(RealClockTest, ACancelledSleeperWakesAtOnce) {
  for (const absl::Time deadline :
       {clock_.Now() + absl::Hours(1), absl::InfiniteFuture()}) {
    TaskScope scope(loop_.get_executor());
    int awake = 0;
    const auto sleeper = scope.Spawn(SleepAndCount(&clock_, deadline, &awake));
    RunReady(loop_);
    ASSERT_EQ(awake, 0) << "it sleeps";

    scope.Cancel(sleeper);
    RunReady(loop_);

    EXPECT_EQ(awake, 1);
    EXPECT_EQ(scope.size(), 0U);
  }
}

TEST_F(RealClockTest, WhoIsAlreadyCancelledDoesNotFallAsleep) {
  TaskScope scope(loop_.get_executor());
  int awake = 0;
  const auto sleeper = scope.Spawn(
      SleepAndCount(&clock_, clock_.Now() + absl::Hours(1), &awake));

  scope.Cancel(sleeper);
  RunReady(loop_);

  EXPECT_EQ(awake, 1);
  EXPECT_EQ(scope.size(), 0U);
}

TEST_F(RealClockTest, OneSleepersCancellationWakesNoOther) {
  TaskScope scope(loop_.get_executor());
  int first = 0;
  int second = 0;
  const absl::Time deadline = clock_.Now() + absl::Hours(1);
  const auto one = scope.Spawn(SleepAndCount(&clock_, deadline, &first));
  scope.Spawn(SleepAndCount(&clock_, deadline, &second));
  RunReady(loop_);

  scope.Cancel(one);
  RunReady(loop_);

  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 0);
  scope.CancelAll();
  RunReady(loop_);
}

}  // namespace
}  // namespace mentiond
