// The events of one stream on their way from the poller, on the event loop, to
// the gRPC threads that write them. Bounded in number and bytes: a reader that
// stalls makes only its own poller wait.

#ifndef MENTIOND_LIB_SUBSCRIPTION_EVENT_QUEUE_H_
#define MENTIOND_LIB_SUBSCRIPTION_EVENT_QUEUE_H_

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"

#include "lib/base/async_event.h"
#include "lib/base/clock.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

struct EventQueueLimits {
  size_t events = 256;
  // Of serialised events. One event always fits, however large.
  size_t bytes = 256 << 10;
};

class EventQueue : public std::enable_shared_from_this<EventQueue> {
 public:
  using Event = mentions::v1::SubscribeResponse;
  // What Pop returns: nothing yet, the next event, or the end.
  struct Empty {};
  using Popped = std::variant<Empty, Event, absl::Status>;

  // Owned by the poller and the reader together. `executor` is the
  // event loop's; `clock` outlives the queue.
  EventQueue(const asio::any_io_executor& executor, const Clock& clock,
             EventQueueLimits limits);

  // Called without a lock held, on the loop's thread, when Pop may return
  // something new: for a push once the loop gets to it, so that what is pushed
  // together can be written together. To be set before the poller starts.
  void SetListener(std::function<void()> listener);

  // Appends an event once there is space for it. CANCELLED when the awaiting
  // coroutine is cancelled first. Loop thread only, one push at a time.
  asio::awaitable<absl::Status> Push(Event event);

  // Appends an event if nothing is queued; otherwise drops it. Loop thread
  // only.
  void PushIfEmpty(Event event);

  // Ends the queue: Pop returns `status` after the events still queued. Only
  // the first call of Close or Abandon has an effect. Loop thread only.
  void Close(absl::Status status);
  // The same, but drops the events still queued: the reader has stalled.
  void Abandon(absl::Status status);

  // Any thread.
  Popped Pop();
  bool empty() const;
  size_t size() const;
  // Since when events have been waiting without one being popped;
  // absl::InfiniteFuture(): none is waiting.
  absl::Time StalledSince() const;
  // Since when it has been empty; absl::InfiniteFuture(): it is not.
  absl::Time IdleSince() const;
  bool abandoned() const;

 private:
  // Returns when there may be space again, or when the awaiting coroutine is
  // cancelled.
  asio::awaitable<void> AwaitSpace();
  bool HasSpaceFor(size_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TryPush(Event& event, size_t bytes);
  void Append(Event event, size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NotifyReader();
  void End(absl::Status status, bool abandoned);

  const asio::any_io_executor executor_;
  const Clock& clock_;
  const EventQueueLimits limits_;
  std::function<void()> listener_;

  // There is space again; null: no push waits for it. Loop thread only. The
  // push has it, as a queue that never was full needs none.
  AsyncEvent* space_ = nullptr;

  mutable absl::Mutex mutex_;
  // A list: unlike a deque, it needs no memory while it is empty, as the queues
  // of most streams are most of the time.
  std::list<Event> events_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool poller_waits_ ABSL_GUARDED_BY(mutex_) = false;
  // When an event was last popped, or pushed into the empty queue; at first,
  // when this was made.
  absl::Time changed_at_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool abandoned_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_SUBSCRIPTION_EVENT_QUEUE_H_
