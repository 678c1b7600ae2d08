#include "lib/github/turns.h"

#include "asio/this_coro.hpp"

#include "lib/base/task_scope.h"

namespace mentiond {

std::optional<Turns::Turn> Turns::TryTake() {
  if (taken_ >= max_at_once_) return std::nullopt;
  ++taken_;
  return Turn(*this);
}

asio::awaitable<std::optional<Turns::Turn>> Turns::Take(Priority priority) {
  bool cancelled = IsCancelled(co_await asio::this_coro::cancellation_state);
  if (cancelled) {
    co_return std::nullopt;
  }
  if (auto turn = TryTake()) co_return turn;
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
  cancelled = IsCancelled(co_await asio::this_coro::cancellation_state);
  if (cancelled) co_return std::nullopt;
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
