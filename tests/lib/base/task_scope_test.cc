#include "lib/base/task_scope.h"

#include <memory>
#include <string>
#include <vector>

#include "asio/io_context.hpp"
#include "asio/post.hpp"
#include "asio/use_awaitable.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {
namespace {

using ::testing::Each;
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

asio::awaitable<void> StopItself(TaskScope* scope, const TaskScope::TaskId* id,
                                 FakeClock* clock, Diary* diary) {
  scope->Cancel(*id);
  co_await clock->SleepUntil(absl::InfiniteFuture());
  diary->push_back("asked to stop");
}

asio::awaitable<void> Keep(FakeClock* clock, absl::Time until,
                           std::shared_ptr<int> possession) {
  co_await clock->SleepUntil(until);
  ++*possession;
}

class TaskScopeTest : public ::testing::Test {
 protected:
  TaskScope::TaskId SpawnWork(int steps, Diary* diary) {
    return scope_.Spawn(Work(&clock_, diary, steps));
  }
  TaskScope::TaskId SpawnWork() { return SpawnWork(9, &diary_); }
  void Pass(absl::Duration time) {
    clock_.Advance(time);
    RunReady(loop_);
  }
  void Cancel(TaskScope::TaskId id) {
    scope_.Cancel(id);
    RunReady(loop_);
  }
  void ExpectStopped() {
    EXPECT_THAT(diary_, ElementsAre("step 1", "asked to stop"));
    EXPECT_EQ(scope_.size(), 0U);
  }

  asio::io_context loop_;
  FakeClock clock_;
  Diary diary_;
  TaskScope scope_{loop_.get_executor()};
};

TEST_F(TaskScopeTest, ATaskBeginsAtTheLoopsNextTurnAndEndsByItself) {
  SpawnWork(2, &diary_);
  EXPECT_THAT(diary_, IsEmpty()) << "not within Spawn";
  EXPECT_EQ(scope_.size(), 1U);

  RunReady(loop_);
  EXPECT_THAT(diary_, ElementsAre("step 1"));
  Pass(absl::Minutes(1));
  Pass(absl::Minutes(1));

  EXPECT_THAT(diary_, ElementsAre("step 1", "step 2", "done"));
  EXPECT_EQ(scope_.size(), 0U);
}

TEST_F(TaskScopeTest, ACancelledTaskEndsInOrderAtItsWait) {
  // In its wait, by an id that is known before it begins.
  TaskScope::TaskId waiting = 0;
  asio::post(loop_, [&] {
    waiting = SpawnWork();
    EXPECT_THAT(diary_, IsEmpty());
  });
  RunReady(loop_);
  ASSERT_THAT(diary_, ElementsAre("step 1"));
  // Twice or too late does nothing, nor does nobody.
  for (const auto id : {waiting + 1, waiting, waiting}) scope_.Cancel(id);
  RunReady(loop_);
  Cancel(waiting);
  ExpectStopped();

  // Before it ever ran,
  diary_.clear();
  Cancel(SpawnWork());
  ExpectStopped();

  // between its waits, where nobody waits when Asio tells of it, once,
  diary_.clear();
  const auto busy = scope_.Spawn(BusyThenWait(&clock_, &diary_));
  loop_.restart();
  while (diary_.empty()) loop_.poll_one();
  Cancel(busy);
  EXPECT_THAT(diary_, ElementsAre("busy", "busy", "busy", "asked to stop"));
  EXPECT_EQ(scope_.size(), 0U);

  // or by itself.
  diary_.clear();
  TaskScope::TaskId id = 0;
  id = scope_.Spawn(StopItself(&scope_, &id, &clock_, &diary_));
  RunReady(loop_);
  EXPECT_THAT(diary_, ElementsAre("asked to stop"));
  EXPECT_EQ(scope_.size(), 0U);
}

TEST_F(TaskScopeTest, CancellingOneLeavesTheOthersAloneAndCancelAllNone) {
  std::vector<Diary> others(100);
  const auto id = SpawnWork();
  for (size_t i = 0; i < 50; ++i) SpawnWork(9, &others[i]);
  RunReady(loop_);
  Cancel(id);
  EXPECT_THAT(diary_, ElementsAre("step 1", "asked to stop"));
  EXPECT_EQ(scope_.size(), 50U);

  // Whatever they do: these have not begun.
  for (size_t i = 50; i < 100; ++i) SpawnWork(9, &others[i]);
  scope_.CancelAll();
  RunReady(loop_);

  EXPECT_THAT(others, Each(ElementsAre("step 1", "asked to stop")));
  EXPECT_EQ(scope_.size(), 0U);
}

TEST_F(TaskScopeTest, JoinCallsBackOnceWhenTheLastHasEnded) {
  int joined = 0;
  scope_.Join([&] { ++joined; });
  EXPECT_EQ(joined, 1) << "nobody: at once";

  joined = 0;
  const auto first = SpawnWork();
  RunReady(loop_);
  scope_.Join([&] { ++joined; });
  const auto second = SpawnWork();  // it waits for this one, too
  RunReady(loop_);
  EXPECT_EQ(joined, 0);
  Cancel(first);
  EXPECT_EQ(joined, 0);
  Cancel(second);
  EXPECT_EQ(joined, 1);
  RunReady(loop_);
  EXPECT_EQ(joined, 1);
}

TEST_F(TaskScopeTest, WhatATaskHeldIsGoneWhenItIsJoined) {
  // The owner of a scope may destroy what its tasks use right then, and it.
  auto scope = std::make_unique<TaskScope>(loop_.get_executor());
  const auto possession = std::make_shared<int>(0);
  long users_when_joined = 0;  // NOLINT(google-runtime-int): use_count's type
  scope->Spawn(Keep(&clock_, absl::InfiniteFuture(), possession));
  scope->Spawn(Keep(&clock_, absl::InfinitePast(), possession));
  RunReady(loop_);
  ASSERT_EQ(*possession, 1);

  scope->CancelAll();
  scope->Join([&] {
    users_when_joined = possession.use_count();
    scope.reset();
  });
  RunReady(loop_);

  EXPECT_EQ(*possession, 2);
  EXPECT_EQ(users_when_joined, 1);
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
