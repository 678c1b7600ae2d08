// Makes equal requests that are in flight at the same time cost one: the later
// callers wait for the result of the first.

#ifndef MENTIOND_LIB_BASE_COALESCER_H_
#define MENTIOND_LIB_BASE_COALESCER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"
#include "asio/this_coro.hpp"

#include "lib/base/async_event.h"
#include "lib/base/task_scope.h"

namespace mentiond {

// Loop thread only.
template <typename Key, typename Result>
class Coalescer {
 public:
  explicit Coalescer(const asio::any_io_executor& executor)
      : executor_(executor), tasks_(executor) {}

  // The result of the task that is under way for an equal key; otherwise of the
  // one that `start` returns, an asio::awaitable<Result>: it is called with a
  // const Key& that outlives the task. nullopt when the awaiting coroutine is
  // cancelled: that ends its waiting at once, and the task only when nobody
  // else waits for it. Results are not kept: a later call starts a new task.
  template <typename Start>
  asio::awaitable<std::optional<Result>> Get(Key key, Start start);

  // Calls `joined` once no task is left. Get() must not be called after this.
  void Join(std::function<void()> joined) { tasks_.Join(std::move(joined)); }

  // Tasks under way.
  size_t size() const { return flights_.size(); }

 private:
  struct Flight {
    Flight(Key k, const asio::any_io_executor& executor)
        : key(std::move(k)), landed(executor) {}

    const Key key;
    TaskScope::TaskId task = 0;
    std::optional<Result> result;
    AsyncEvent landed;
    int waiters = 0;
  };
  using FlightPtr = std::shared_ptr<Flight>;

  // Finds a flight by its key, of which there is only one copy.
  struct KeyOf {
    static const Key& Of(const Key& key) { return key; }
    static const Key& Of(const FlightPtr& flight) { return flight->key; }
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const auto& of) const {
      return absl::HashOf(KeyOf::Of(of));
    }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return KeyOf::Of(a) == KeyOf::Of(b);
    }
  };

  asio::awaitable<void> Fly(FlightPtr flight, asio::awaitable<Result> task);
  void Forget(const FlightPtr& flight);

  const asio::any_io_executor executor_;
  absl::flat_hash_set<FlightPtr, Hash, Equal> flights_;

  // The last member: its tasks use all of the above.
  TaskScope tasks_;
};

template <typename Key, typename Result>
template <typename Start>
asio::awaitable<std::optional<Result>> Coalescer<Key, Result>::Get(
    Key key, Start start) {
  const bool cancelled =
      IsCancelled(co_await asio::this_coro::cancellation_state);
  if (cancelled) {
    co_return std::nullopt;
  }
  FlightPtr flight;
  if (const auto found = flights_.find(key); found != flights_.end()) {
    flight = *found;
  } else {
    flight = std::make_shared<Flight>(std::move(key), executor_);
    flights_.insert(flight);
    flight->task = tasks_.Spawn(Fly(flight, start(flight->key)));
  }
  ++flight->waiters;
  co_await flight->landed.Wait();
  --flight->waiters;
  if (flight->result) co_return flight->result;
  if (flight->waiters == 0) {
    Forget(flight);
    tasks_.Cancel(flight->task);
  }
  co_return std::nullopt;
}

template <typename Key, typename Result>
asio::awaitable<void> Coalescer<Key, Result>::Fly(
    FlightPtr flight, asio::awaitable<Result> task) {
  flight->result = co_await std::move(task);
  Forget(flight);
  flight->landed.Notify();
}

// From now on the key stands for a new flight.
template <typename Key, typename Result>
void Coalescer<Key, Result>::Forget(const FlightPtr& flight) {
  const auto found = flights_.find(flight);
  if (found != flights_.end() && *found == flight) flights_.erase(found);
}

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_COALESCER_H_
