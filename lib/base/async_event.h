// An event that coroutines wait for: Asio's idiom of a timer that never fires,
// with a name.

#ifndef MENTIOND_LIB_BASE_ASYNC_EVENT_H_
#define MENTIOND_LIB_BASE_ASYNC_EVENT_H_

#include <tuple>

#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"
#include "asio/error_code.hpp"
#include "asio/experimental/as_tuple.hpp"
#include "asio/steady_timer.hpp"
#include "asio/use_awaitable.hpp"

namespace mentiond {

// Loop thread only. It keeps no state: Notify() wakes the coroutines that are
// waiting at that moment and no others. Check the condition before each Wait(),
// without a co_await in between.
class AsyncEvent {
 public:
  explicit AsyncEvent(const asio::any_io_executor& executor)
      : timer_(executor, asio::steady_timer::time_point::max()) {}

  // Returns after the next Notify(), or when the awaiting coroutine is
  // cancelled; the result says nothing. The event must outlive the wait.
  asio::awaitable<std::tuple<asio::error_code>> Wait() {
    return timer_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
  }

  void Notify() { timer_.cancel(); }

  asio::any_io_executor executor() { return timer_.get_executor(); }

 private:
  asio::steady_timer timer_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_ASYNC_EVENT_H_
