#include "lib/github/turns.h"

#include "asio/this_coro.hpp"

#include "lib/base/task_scope.h"

namespace mentiond {

asio::awaitable<std::optional<Turns::Turn>> Turns::Take(Priority priority) {
  if (co_await IsCancelled()) co_return std::nullopt;
  if (taken_ < max_at_once_) {
    ++taken_;
    co_return Turn(*this);
  }
  AsyncEvent wake(co_await asio::this_coro::executor);
  Waiter self{&wake};
  Queue& queue = queues_[static_cast<size_t>(priority)];
  const auto place = queue.insert(queue.end(), &self);
  co_await wake.Wait();
  if (!self.has_turn) {
    queue.erase(place);
    co_return std::nullopt;
  }
  Turn turn(*this);
  if (co_await IsCancelled()) co_return std::nullopt;
  co_return std::optional<Turn>(std::move(turn));
}

// Hands a turn to the next waiter directly, so that no newcomer can take it
// first.
void Turns::PassOn() {
  for (Queue& queue : queues_) {
    if (queue.empty()) continue;
    Waiter* next = queue.front();
    queue.pop_front();
    next->has_turn = true;
    next->wake->Notify();
    return;
  }
  --taken_;
}

}  // namespace mentiond
