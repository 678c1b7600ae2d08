// Runs coroutines on an event loop from a test, on the test's own thread.

#ifndef MENTIOND_TESTS_FAKES_RUN_LOOP_H_
#define MENTIOND_TESTS_FAKES_RUN_LOOP_H_

#include <exception>
#include <optional>
#include <utility>

#include "asio/awaitable.hpp"
#include "asio/co_spawn.hpp"
#include "asio/io_context.hpp"

namespace mentiond {

// Runs everything that can run now: until all that is left waits for the test.
inline void RunReady(asio::io_context& loop) {
  loop.restart();
  while (loop.poll() > 0) {
  }
}

// Runs the loop until `task` has ended; its result. For tasks that wait for
// real sockets.
template <typename T>
T RunUntilDone(asio::io_context& loop, asio::awaitable<T> task) {
  std::optional<T> result;
  loop.restart();
  asio::co_spawn(loop, std::move(task),
                 [&](const std::exception_ptr& error, T value) {
                   if (error) std::rethrow_exception(error);
                   result = std::move(value);
                   loop.stop();
                 });
  while (!result) {
    loop.restart();
    loop.run();
  }
  return *std::move(result);
}

}  // namespace mentiond

#endif  // MENTIOND_TESTS_FAKES_RUN_LOOP_H_
