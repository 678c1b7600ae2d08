// Makes equal requests that are in flight at the same time cost one: the later
// callers wait for the result of the first.

#ifndef MENTIOND_LIB_BASE_COALESCER_H_
#define MENTIOND_LIB_BASE_COALESCER_H_

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"

#include "lib/base/async_event.h"
#include "lib/base/task_scope.h"

namespace mentiond {

// Loop thread only.
template <typename Key, typename Result>
class Coalescer {
 public:
  using Task = std::function<asio::awaitable<Result>()>;

  explicit Coalescer(const asio::any_io_executor& executor)
      : executor_(executor), tasks_(executor) {}

  // The result of `task`, or of the task that is under way for an equal key.
  // nullopt when the awaiting coroutine is cancelled: that ends its waiting at
  // once, and the task only when nobody else waits for it. Results are not
  // kept: a later call starts a new task.
  asio::awaitable<std::optional<Result>> Get(Key key, Task task);

  // Calls `joined` once no task is left. Get() must not be called after this.
  void Join(std::function<void()> joined) { tasks_.Join(std::move(joined)); }

  // Tasks under way.
  size_t size() const { return flights_.size(); }

 private:
  struct Flight {
    TaskScope::TaskId task = 0;
    std::optional<Result> result;
    std::unique_ptr<AsyncEvent> landed;
    int waiters = 0;
  };

  asio::awaitable<void> Fly(Key key, std::shared_ptr<Flight> flight, Task task);
  void Forget(const Key& key, const std::shared_ptr<Flight>& flight);

  const asio::any_io_executor executor_;
  absl::flat_hash_map<Key, std::shared_ptr<Flight>> flights_;

  // The last member: its tasks use all of the above.
  TaskScope tasks_;
};

template <typename Key, typename Result>
asio::awaitable<std::optional<Result>> Coalescer<Key, Result>::Get(Key key,
                                                                   Task task) {
  if (co_await IsCancelled()) co_return std::nullopt;
  // A copy, not a reference into the map: it moves while this waits.
  std::shared_ptr<Flight> flight = flights_[key];
  if (flight == nullptr) {
    flight = std::make_shared<Flight>();
    flight->landed = std::make_unique<AsyncEvent>(executor_);
    flights_[key] = flight;
    flight->task = tasks_.Spawn(Fly(key, flight, std::move(task)));
  }
  ++flight->waiters;
  co_await flight->landed->Wait();
  --flight->waiters;
  if (flight->result) co_return flight->result;
  if (flight->waiters == 0) {
    Forget(key, flight);
    tasks_.Cancel(flight->task);
  }
  co_return std::nullopt;
}

template <typename Key, typename Result>
asio::awaitable<void> Coalescer<Key, Result>::Fly(
    Key key, std::shared_ptr<Flight> flight, Task task) {
  flight->result = co_await task();
  Forget(key, flight);
  flight->landed->Notify();
}

// From now on the key stands for a new flight.
template <typename Key, typename Result>
void Coalescer<Key, Result>::Forget(const Key& key,
                                    const std::shared_ptr<Flight>& flight) {
  const auto found = flights_.find(key);
  if (found != flights_.end() && found->second == flight) flights_.erase(found);
}

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_COALESCER_H_
