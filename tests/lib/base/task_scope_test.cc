#include "lib/base/task_scope.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "asio/awaitable.hpp"
#include "asio/io_context.hpp"
#include "asio/post.hpp"
#include "asio/this_coro.hpp"
#include "asio/use_awaitable.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Diary = std::vector<std::string>;

// A task in the manner of ours: it works in steps with a wait between them,
// and looks after each whether it shall stop.
asio::awaitable<void> Work(FakeClock* clock, Diary* diary, int steps) {
  for (int step = 1; step <= steps; ++step) {
    diary->push_back("step " + std::to_string(step));
    co_await clock->SleepUntil(clock->Now() + absl::Minutes(1));
    const bool cancelled =
        IsCancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) {
      diary->push_back("asked to stop");
      co_return;
    }
  }
  diary->push_back("done");
}

// Is busy (not waiting for anything that can be cancelled) for three turns of
// the loop, then would wait for ever.
asio::awaitable<void> BusyThenWait(FakeClock* clock, Diary* diary) {
  for (int turn = 0; turn < 3; ++turn) {
    diary->push_back("busy");
    co_await asio::post(asio::use_awaitable);
  }
  co_await clock->SleepUntil(absl::InfiniteFuture());
  diary->push_back(IsCancelled(co_await asio::this_coro::cancellation_state)
                       ? "asked to stop"
                       : "woken");
}

asio::awaitable<void> Keep(FakeClock* clock, std::shared_ptr<int> possession) {
  co_await clock->SleepUntil(absl::InfiniteFuture());
  ++*possession;
}

asio::awaitable<void> Hold(std::shared_ptr<int> possession) {
  ++*possession;
  co_return;
}

class TaskScopeTest : public ::testing::Test {
 protected:
  void Pass(absl::Duration time) {
    clock_.Advance(time);
    RunReady(loop_);
  }

  asio::io_context loop_;
  FakeClock clock_;
  Diary diary_;
  TaskScope scope_{loop_.get_executor()};
};

TEST_F(TaskScopeTest, ATaskBeginsAtTheLoopsNextTurnAndEndsByItself) {
  scope_.Spawn(Work(&clock_, &diary_, 2));
  EXPECT_THAT(diary_, IsEmpty()) << "not within Spawn";
  EXPECT_EQ(scope_.size(), 1U);

  RunReady(loop_);
  EXPECT_THAT(diary_, ElementsAre("step 1"));
  Pass(absl::Minutes(1));
  Pass(absl::Minutes(1));

  EXPECT_THAT(diary_, ElementsAre("step 1", "step 2", "done"));
  EXPECT_EQ(scope_.size(), 0U);
}

TEST_F(TaskScopeTest, ATaskSpawnedWithinTheLoopIsKnownByItsIdBeforeItBegins) {
  TaskScope::TaskId id = 0;
  asio::post(loop_, [&] {
    id = scope_.Spawn(Work(&clock_, &diary_, 1));
    EXPECT_THAT(diary_, IsEmpty());
  });
  RunReady(loop_);
  ASSERT_THAT(diary_, ElementsAre("step 1"));

  scope_.Cancel(id);
  RunReady(loop_);

  EXPECT_THAT(diary_, ElementsAre("step 1", "asked to stop"));
}

TEST_F(TaskScopeTest, ACancelledWaitEndsAtOnceAndTheTaskInOrder) {
  const auto id = scope_.Spawn(Work(&clock_, &diary_, 9));
  RunReady(loop_);

  scope_.Cancel(id);
  RunReady(loop_);

  EXPECT_THAT(diary_, ElementsAre("step 1", "asked to stop"));
  EXPECT_EQ(scope_.size(), 0U);
}

TEST_F(TaskScopeTest, ATaskCancelledBeforeItEverRanFindsOutAtItsFirstWait) {
  const auto id = scope_.Spawn(Work(&clock_, &diary_, 9));

  scope_.Cancel(id);
  RunReady(loop_);

  EXPECT_THAT(diary_, ElementsAre("step 1", "asked to stop"));
  EXPECT_EQ(scope_.size(), 0U);
}

TEST_F(TaskScopeTest, ATaskCancelledBetweenItsWaitsDoesNotBeginTheNext) {
  // Asio tells of a cancellation once, and here nobody waits at that moment.
  const auto id = scope_.Spawn(BusyThenWait(&clock_, &diary_));
  while (diary_.empty()) loop_.poll_one();

  scope_.Cancel(id);
  RunReady(loop_);

  EXPECT_THAT(diary_, ElementsAre("busy", "busy", "busy", "asked to stop"));
  EXPECT_EQ(scope_.size(), 0U);
}

TEST_F(TaskScopeTest, ATaskMayCancelItself) {
  TaskScope::TaskId id = 0;
  struct Self {
    static asio::awaitable<void> Stop(TaskScope* scope, TaskScope::TaskId* id,
                                      FakeClock* clock, Diary* diary) {
      scope->Cancel(*id);
      co_await clock->SleepUntil(absl::InfiniteFuture());
      diary->push_back("asked to stop");
    }
  };
  id = scope_.Spawn(Self::Stop(&scope_, &id, &clock_, &diary_));

  RunReady(loop_);

  EXPECT_THAT(diary_, ElementsAre("asked to stop"));
  EXPECT_EQ(scope_.size(), 0U);
}

TEST_F(TaskScopeTest, CancellingTwiceOrTooLateOrNobodyDoesNothing) {
  const auto id = scope_.Spawn(Work(&clock_, &diary_, 9));
  RunReady(loop_);

  scope_.Cancel(id + 1);
  scope_.Cancel(id);
  scope_.Cancel(id);
  RunReady(loop_);
  scope_.Cancel(id);
  RunReady(loop_);

  EXPECT_THAT(diary_, ElementsAre("step 1", "asked to stop"));
}

TEST_F(TaskScopeTest, CancellingOneLeavesTheOthersAlone) {
  Diary other;
  const auto id = scope_.Spawn(Work(&clock_, &diary_, 9));
  scope_.Spawn(Work(&clock_, &other, 1));
  RunReady(loop_);

  scope_.Cancel(id);
  RunReady(loop_);
  EXPECT_EQ(scope_.size(), 1U);
  Pass(absl::Minutes(1));

  EXPECT_THAT(diary_, ElementsAre("step 1", "asked to stop"));
  EXPECT_THAT(other, ElementsAre("step 1", "done"));
  EXPECT_EQ(scope_.size(), 0U);
}

TEST_F(TaskScopeTest, CancelAllReachesEveryTaskWhateverItDoes) {
  std::vector<Diary> diaries(100);
  for (size_t i = 0; i < 50; ++i) {
    scope_.Spawn(Work(&clock_, &diaries[i], 9));
  }
  RunReady(loop_);
  for (size_t i = 50; i < 100; ++i) {
    scope_.Spawn(Work(&clock_, &diaries[i], 9));
  }

  scope_.CancelAll();
  RunReady(loop_);

  for (const Diary& diary : diaries) {
    EXPECT_THAT(diary, ElementsAre("step 1", "asked to stop"));
  }
  EXPECT_EQ(scope_.size(), 0U);
}

TEST_F(TaskScopeTest, JoiningNobodyIsAtOnce) {
  int joined = 0;
  scope_.Join([&] { ++joined; });
  EXPECT_EQ(joined, 1);
}

TEST_F(TaskScopeTest, JoinCallsBackOnceWhenTheLastHasEnded) {
  int joined = 0;
  const auto first = scope_.Spawn(Work(&clock_, &diary_, 9));
  const auto second = scope_.Spawn(Work(&clock_, &diary_, 9));
  RunReady(loop_);

  scope_.Join([&] { ++joined; });
  RunReady(loop_);
  EXPECT_EQ(joined, 0);
  scope_.Cancel(first);
  RunReady(loop_);
  EXPECT_EQ(joined, 0);
  scope_.Cancel(second);
  RunReady(loop_);

  EXPECT_EQ(joined, 1);
  RunReady(loop_);
  EXPECT_EQ(joined, 1);
}

TEST_F(TaskScopeTest, JoinWaitsForTasksSpawnedAfterIt) {
  int joined = 0;
  const auto first = scope_.Spawn(Work(&clock_, &diary_, 9));
  scope_.Join([&] { ++joined; });
  scope_.Spawn(Work(&clock_, &diary_, 9));
  RunReady(loop_);

  scope_.Cancel(first);
  RunReady(loop_);
  EXPECT_EQ(joined, 0);
  scope_.CancelAll();
  RunReady(loop_);

  EXPECT_EQ(joined, 1);
}

TEST_F(TaskScopeTest, WhatATaskHeldIsGoneWhenItIsJoined) {
  // The owner of a scope may destroy what its tasks use right then.
  const auto possession = std::make_shared<int>(0);
  long users_when_joined = 0;  // NOLINT(google-runtime-int): use_count's type
  scope_.Spawn(Keep(&clock_, possession));
  scope_.Spawn(Hold(possession));
  RunReady(loop_);
  ASSERT_EQ(*possession, 1);

  scope_.CancelAll();
  scope_.Join([&] { users_when_joined = possession.use_count(); });
  RunReady(loop_);

  EXPECT_EQ(*possession, 2);
  EXPECT_EQ(users_when_joined, 1);
}

TEST_F(TaskScopeTest, TheScopeMayEndInTheCallbackOfItsJoin) {
  auto scope = std::make_unique<TaskScope>(loop_.get_executor());
  scope->Spawn(Work(&clock_, &diary_, 9));
  RunReady(loop_);

  scope->CancelAll();
  scope->Join([&] { scope.reset(); });
  RunReady(loop_);

  EXPECT_EQ(scope, nullptr);
}

using TaskScopeDeathTest = TaskScopeTest;

TEST_F(TaskScopeDeathTest, ATaskThatWasNotJoinedIsAMistake) {
  EXPECT_DEATH(
      {
        TaskScope scope(loop_.get_executor());
        scope.Spawn(Work(&clock_, &diary_, 9));
      },
      "1 tasks were not joined");
}

}  // namespace
}  // namespace mentiond
