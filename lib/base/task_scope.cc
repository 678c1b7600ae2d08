#include "lib/base/task_scope.h"

#include <exception>
#include <utility>
#include <vector>

#include "asio/bind_cancellation_slot.hpp"
#include "asio/co_spawn.hpp"
#include "asio/post.hpp"
#include "asio/this_coro.hpp"
#include "asio/use_awaitable.hpp"
#include "glog/logging.h"

namespace mentiond {

TaskScope::TaskScope(asio::any_io_executor executor)
    : executor_(std::move(executor)) {}

TaskScope::~TaskScope() {
  CHECK(tasks_.empty()) << tasks_.size() << " tasks were not joined";
}

TaskScope::TaskId TaskScope::Spawn(asio::awaitable<void> task) {
  const TaskId id = next_id_++;
  auto& entry = tasks_[id];
  entry = std::make_unique<Task>();
  asio::co_spawn(
      executor_, Run(id, std::move(task)),
      asio::bind_cancellation_slot(entry->signal.slot(),
                                   [this, id](const std::exception_ptr& error) {
                                     // Our code returns Status; an exception is
                                     // memory running out or a mistake, and no
                                     // task could go on as if nothing had
                                     // happened.
                                     if (error) std::rethrow_exception(error);
                                     Ended(id);
                                   }));
  return id;
}

asio::awaitable<void> TaskScope::Run(TaskId id, asio::awaitable<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  // The caller must know the task by its id before the task begins.
  co_await asio::post(asio::use_awaitable);
  Task& self = *tasks_.at(id);
  self.begun = true;
  if (self.cancelled) self.signal.emit(asio::cancellation_type::terminal);
  co_await std::move(task);
}

void TaskScope::Cancel(TaskId id) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  Task& task = *found->second;
  if (task.begun) {
    task.signal.emit(asio::cancellation_type::terminal);
  } else {
    // Asio throws in a coroutine that is cancelled before it could say that it
    // does not want that.
    task.cancelled = true;
  }
}

void TaskScope::CancelAll() {
  std::vector<TaskId> ids;
  ids.reserve(tasks_.size());
  for (const auto& [id, task] : tasks_) ids.push_back(id);
  for (const TaskId id : ids) Cancel(id);
}

void TaskScope::Join(std::function<void()> joined) {
  joined_ = std::move(joined);
  if (tasks_.empty() && joined_) std::exchange(joined_, nullptr)();
}

void TaskScope::Ended(TaskId id) {
  tasks_.erase(id);
  if (tasks_.empty() && joined_) std::exchange(joined_, nullptr)();
}

}  // namespace mentiond
