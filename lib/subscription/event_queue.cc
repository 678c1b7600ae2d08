#include "lib/subscription/event_queue.h"

#include <utility>

#include "asio/post.hpp"
#include "asio/this_coro.hpp"

#include "lib/base/task_scope.h"

namespace mentiond {

EventQueue::EventQueue(const asio::any_io_executor& executor,
                       const Clock& clock, EventQueueLimits limits)
    : executor_(executor),
      clock_(clock),
      limits_(limits),
      changed_at_(clock.Now()) {}

void EventQueue::SetListener(std::function<void()> listener) {
  listener_ = std::move(listener);
}

asio::awaitable<absl::Status> EventQueue::Push(Event event) {
  const size_t bytes = event.ByteSizeLong();
  while (true) {
    const bool cancelled =
        IsCancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) {
      co_return absl::CancelledError("the stream was cancelled");
    }
    // The wake-up of a reader that makes space meanwhile runs on this thread,
    // so it cannot come before the wait has begun.
    if (TryPush(event, bytes)) break;
    co_await AwaitSpace();
  }
  asio::post(executor_,
             [queue = shared_from_this()] { queue->NotifyReader(); });
  co_return absl::OkStatus();
}

asio::awaitable<void> EventQueue::AwaitSpace() {
  AsyncEvent space(executor_);
  space_ = &space;
  co_await space.Wait();
  space_ = nullptr;
}

void EventQueue::PushIfEmpty(Event event) {
  const size_t bytes = event.ByteSizeLong();
  {
    absl::MutexLock lock(&mutex_);
    if (!events_.empty() || end_) return;
    Append(std::move(event), bytes);
  }
  asio::post(executor_,
             [queue = shared_from_this()] { queue->NotifyReader(); });
}

void EventQueue::Close(absl::Status status) {
  End(std::move(status), /*abandoned=*/false);
}

void EventQueue::Abandon(absl::Status status) {
  End(std::move(status), /*abandoned=*/true);
}

void EventQueue::End(absl::Status status, bool abandoned) {
  std::list<Event> dropped;  // freed without the lock
  {
    absl::MutexLock lock(&mutex_);
    if (end_) return;
    end_ = std::move(status);
    abandoned_ = abandoned;
    if (abandoned) dropped.swap(events_);
  }
  NotifyReader();
}

absl::Time EventQueue::StalledSince() const {
  absl::MutexLock lock(&mutex_);
  return events_.empty() ? absl::InfiniteFuture() : changed_at_;
}

size_t EventQueue::size() const {
  absl::MutexLock lock(&mutex_);
  return events_.size();
}

absl::Time EventQueue::IdleSince() const {
  absl::MutexLock lock(&mutex_);
  return events_.empty() ? changed_at_ : absl::InfiniteFuture();
}

bool EventQueue::abandoned() const {
  absl::MutexLock lock(&mutex_);
  return abandoned_;
}

bool EventQueue::empty() const {
  absl::MutexLock lock(&mutex_);
  return events_.empty();
}

EventQueue::Popped EventQueue::Pop() {
  Event event;
  bool wake_poller = false;
  {
    absl::MutexLock lock(&mutex_);
    if (events_.empty()) {
      if (end_) return *end_;
      return Empty{};
    }
    event = std::move(events_.front());
    events_.pop_front();
    changed_at_ = clock_.Now();
    bytes_ -= event.ByteSizeLong();
    wake_poller = std::exchange(poller_waits_, false);
  }
  if (wake_poller) {
    asio::post(executor_, [queue = shared_from_this()] {
      if (queue->space_ != nullptr) queue->space_->Notify();
    });
  }
  return event;
}

bool EventQueue::HasSpaceFor(size_t bytes) const {
  return events_.empty() ||
         (events_.size() < limits_.events && bytes_ + bytes <= limits_.bytes);
}

bool EventQueue::TryPush(Event& event, size_t bytes) {
  absl::MutexLock lock(&mutex_);
  if (!HasSpaceFor(bytes)) {
    poller_waits_ = true;
    return false;
  }
  Append(std::move(event), bytes);
  return true;
}

void EventQueue::Append(Event event, size_t bytes) {
  if (events_.empty()) changed_at_ = clock_.Now();
  events_.push_back(std::move(event));
  bytes_ += bytes;
}

void EventQueue::NotifyReader() {
  if (listener_) listener_();
}

}  // namespace mentiond
