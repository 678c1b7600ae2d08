// The open streams: every stream's poller under the stream's id.

#ifndef MENTIOND_LIB_STREAM_REGISTRY_H_
#define MENTIOND_LIB_STREAM_REGISTRY_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"

#include "lib/base/task_scope.h"
#include "lib/stream/poller.h"
#include "lib/subscription/event_queue.h"
#include "lib/subscription/subscription.h"

namespace mentiond {

// Random and unique: 32 hexadecimal digits.
using StreamId = std::string;

struct StreamLimits {
  size_t max_streams = 100'000;
  // A client that reads nothing for that long, while events wait for it, loses
  // its stream; it can resume with its last resume token.
  absl::Duration slow_reader_timeout = absl::Minutes(5);
};

// Thread-safe, except where a comment says otherwise. The loop must run until
// Close has reported.
class StreamRegistry {
 public:
  StreamRegistry(asio::any_io_executor executor, PollerEnvironment environment,
                 StreamLimits limits);
  StreamRegistry(const StreamRegistry&) = delete;
  StreamRegistry& operator=(const StreamRegistry&) = delete;

  // Starts a poller that fills `queue`, and closes it when it ends; the id is
  // no longer registered then. RESOURCE_EXHAUSTED when there are too many
  // streams, UNAVAILABLE after Close.
  absl::StatusOr<StreamId> Open(Subscription subscription,
                                std::shared_ptr<EventQueue> queue);

  // Stops the stream's poller; does nothing if it has ended.
  void Cancel(const StreamId& id);

  // Refuses new streams and ends all open ones with `reason`; calls `closed`,
  // on the loop, when the last poller has ended.
  void Close(absl::Status reason, std::function<void()> closed);

  size_t size() const;

 private:
  struct Stream {
    std::shared_ptr<EventQueue> queue;
    std::optional<TaskScope::TaskId> task;  // not set: not started yet
    bool stalled = false;                   // and cancelled for that
  };

  StreamId Register(std::shared_ptr<EventQueue> queue)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Start(StreamId id, Subscription subscription,
             std::shared_ptr<EventQueue> queue);
  asio::awaitable<void> RunPoller(StreamId id, std::unique_ptr<Poller> poller,
                                  std::shared_ptr<EventQueue> queue);
  void End(const StreamId& id, EventQueue& queue, absl::Status status);
  // Watches for slow readers as long as there are streams.
  asio::awaitable<void> Watch();
  void CancelStalled();

  const asio::any_io_executor executor_;
  PollerEnvironment environment_;
  const StreamLimits limits_;
  bool watching_ = false;  // loop thread only

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<StreamId, Stream> streams_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> closed_ ABSL_GUARDED_BY(mutex_);

  // The last member: its tasks use all of the above. Loop thread only.
  TaskScope pollers_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_REGISTRY_H_
