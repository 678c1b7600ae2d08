// The events of one stream between the poller, which makes them on the event
// loop, and the gRPC threads, which write them. Bounded in number and bytes: a
// reader that stalls makes its own poller wait.

#ifndef MENTIOND_LIB_STREAM_EVENT_QUEUE_H_
#define MENTIOND_LIB_STREAM_EVENT_QUEUE_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"
#include "asio/steady_timer.hpp"

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
  // What Pop finds: nothing yet, the next event, or the end.
  struct Empty {};
  using Popped = std::variant<Empty, Event, absl::Status>;

  // Lives until the last of poller and reader lets go of it. `executor` is the
  // event loop's; `clock` outlives the queue.
  EventQueue(const asio::any_io_executor& executor, const Clock& clock,
             EventQueueLimits limits);

  // Called without a lock, by the thread that pushed or closed, when Pop may
  // find something new. Set it before the poller starts.
  void SetListener(std::function<void()> listener);

  // Appends an event, once there is room for it. CANCELLED when the awaiting
  // coroutine is cancelled first. Loop thread only, one push at a time.
  asio::awaitable<absl::Status> Push(Event event);

  // Nothing will follow; Pop gives `status` after what is still queued. The
  // first call counts. Loop thread only.
  void Close(absl::Status status);
  // The same, and what is still queued is dropped: the reader has stalled.
  void Abandon(absl::Status status);

  // Any thread.
  Popped Pop();
  // Since when something has been waiting without anything being taken;
  // absl::InfiniteFuture(): nothing is.
  absl::Time StalledSince() const;
  bool abandoned() const;

 private:
  bool HasRoomFor(size_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TryPush(Event& event, size_t bytes);
  void NotifyReader();
  void End(absl::Status status, bool abandoned);

  const Clock& clock_;
  const EventQueueLimits limits_;
  std::function<void()> listener_;

  // An event for the loop thread: cancelled when there is room again.
  asio::steady_timer room_;

  mutable absl::Mutex mutex_;
  std::deque<Event> events_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool poller_waits_ ABSL_GUARDED_BY(mutex_) = false;
  // When something was taken last, or put into the empty queue.
  absl::Time moved_at_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool abandoned_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_EVENT_QUEUE_H_
