// A clock that stands still until the test advances it. With it and an event
// loop that the test runs by hand, minutes pass in no time and in a known
// order.

#ifndef MENTIOND_TESTS_FAKES_FAKE_CLOCK_H_
#define MENTIOND_TESTS_FAKES_FAKE_CLOCK_H_

#include <algorithm>
#include <list>

#include "absl/time/time.h"
#include "asio/redirect_error.hpp"
#include "asio/steady_timer.hpp"
#include "asio/this_coro.hpp"
#include "asio/use_awaitable.hpp"

#include "lib/base/clock.h"
#include "lib/base/task_scope.h"

namespace mentiond {

// One thread only: the one that runs the loop.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now = absl::FromUnixSeconds(1'700'000'000))
      : now_(now) {}

  absl::Time Now() const override { return now_; }

  asio::awaitable<void> SleepUntil(absl::Time deadline) override {
    const bool cancelled =
        IsCancelled(co_await asio::this_coro::cancellation_state);
    if (deadline <= now_ || cancelled) co_return;
    asio::steady_timer wake(co_await asio::this_coro::executor,
                            asio::steady_timer::time_point::max());
    const auto sleeper = sleepers_.insert(sleepers_.end(), {deadline, &wake});
    asio::error_code ignored;
    co_await wake.async_wait(
        asio::redirect_error(asio::use_awaitable, ignored));
    sleepers_.erase(sleeper);
  }

  // Moves on; who is due wakes when the loop runs next.
  void Advance(absl::Duration by) {
    now_ += by;
    for (const Sleeper& sleeper : sleepers_) {
      if (sleeper.deadline <= now_) sleeper.wake->cancel();
    }
  }

  // When the next sleeper is due; absl::InfiniteFuture() if nobody sleeps.
  absl::Time NextDeadline() const {
    absl::Time next = absl::InfiniteFuture();
    for (const Sleeper& sleeper : sleepers_) {
      next = std::min(next, sleeper.deadline);
    }
    return next;
  }

 private:
  struct Sleeper {
    absl::Time deadline;
    asio::steady_timer* wake;
  };

  absl::Time now_;
  std::list<Sleeper> sleepers_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_FAKES_FAKE_CLOCK_H_
