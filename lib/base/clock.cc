#include "lib/base/clock.h"

#include <algorithm>
#include <chrono>

#include "asio/redirect_error.hpp"
#include "asio/steady_timer.hpp"
#include "asio/this_coro.hpp"
#include "asio/use_awaitable.hpp"

#include "lib/base/task_scope.h"

namespace mentiond {

asio::awaitable<void> RealClock::SleepUntil(absl::Time deadline) {
  const bool cancelled =
      IsCancelled(co_await asio::this_coro::cancellation_state);
  if (cancelled) co_return;
  const absl::Duration wait =
      std::clamp(deadline - Now(), absl::ZeroDuration(), absl::Hours(24 * 365));
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           absl::ToChronoNanoseconds(wait));
  asio::error_code ignored;  // cancelled: the caller's state says so
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace mentiond
