// Structured concurrency on an Asio loop: every task belongs to a scope, is
// cancelled by a request to finish in its normal way, and is joined.
//
// Asio delivers a cancellation once, to the operation that is being awaited at
// that moment; a task that is not waiting then has to check its cancellation
// state. Our own operations therefore check it first, and tasks run with
// throw_if_cancelled(false): a cancelled wait returns early and the task
// returns normally.

#ifndef MENTIOND_LIB_BASE_TASK_SCOPE_H_
#define MENTIOND_LIB_BASE_TASK_SCOPE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"
#include "asio/cancellation_signal.hpp"
#include "asio/cancellation_state.hpp"
#include "asio/cancellation_type.hpp"

namespace mentiond {

// Whether a task has been cancelled:
//   IsCancelled(co_await asio::this_coro::cancellation_state)
// Not a coroutine, as its frame would be an allocation for each check.
inline bool IsCancelled(const asio::cancellation_state& state) {
  return state.cancelled() != asio::cancellation_type::none;
}

// Owns tasks. Loop thread only. A member that is a scope must be the owner's
// last one, so that nothing its tasks use has gone before them.
class TaskScope {
 public:
  using TaskId = uint64_t;

  explicit TaskScope(asio::any_io_executor executor);
  // All tasks must have ended: CancelAll(), then run the loop until Join's
  // callback.
  ~TaskScope();
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  // Starts `task` in the loop's next iteration. A task must not throw.
  TaskId Spawn(asio::awaitable<void> task);

  // Requests a task to finish; does nothing if it has. A task that has not
  // started yet still starts, and finds itself cancelled.
  void Cancel(TaskId id);
  void CancelAll();

  // Calls `joined` once no task is left (at once if none is).
  void Join(std::function<void()> joined);

  size_t size() const { return tasks_.size(); }

 private:
  struct Task {
    asio::cancellation_signal signal;
    bool begun = false;
    bool cancelled = false;  // before it had begun
  };

  asio::awaitable<void> Run(TaskId id, asio::awaitable<void> task);
  void Ended(TaskId id);

  asio::any_io_executor executor_;
  TaskId next_id_ = 1;
  absl::flat_hash_map<TaskId, std::unique_ptr<Task>> tasks_;
  std::function<void()> joined_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_TASK_SCOPE_H_
