// The open streams: every stream's poller under the stream's id.

#ifndef MENTIOND_LIB_STREAM_REGISTRY_H_
#define MENTIOND_LIB_STREAM_REGISTRY_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"

#include "lib/base/ask_loops.h"
#include "lib/base/secret.h"
#include "lib/stream/poller.h"
#include "lib/stream/poller_group.h"
#include "lib/stream/stream_id.h"
#include "lib/stream/stream_view.h"
#include "lib/subscription/event_queue.h"
#include "lib/subscription/subscription.h"

namespace mentiond {

struct StreamLimits {
  size_t max_streams = 100'000;
  // 0: any number.
  size_t max_per_token = 0;
  size_t max_per_peer = 0;
  // A client that reads nothing for that long, while events wait for it, loses
  // its stream; it can resume with its last resume token.
  absl::Duration slow_reader_timeout = absl::Minutes(5);
  EventQueueLimits queue;  // of each stream
};

// An event loop, and what the pollers on it share with no other loop.
// Everything in it outlives the registry.
struct PollerLoop {
  asio::any_io_executor executor;
  PollerEnvironment environment;
};

// Thread-safe. The loops must run until Close has reported.
//
// Everything that pollers share (cached pages, rate limits, equal requests)
// they share by token. A stream's loop is therefore chosen by its token: then
// loops share nothing, and the requests of one token still take turns.
class StreamRegistry {
 public:
  // At least one loop.
  StreamRegistry(const std::vector<PollerLoop>& loops, StreamLimits limits);
  StreamRegistry(const StreamRegistry&) = delete;
  StreamRegistry& operator=(const StreamRegistry&) = delete;

  // An empty queue for a stream of that token.
  std::shared_ptr<EventQueue> MakeQueue(const Secret& token) const;

  // Starts a poller that fills `queue`, and closes it when it ends; the id is
  // no longer registered then. RESOURCE_EXHAUSTED when there are too many
  // streams, altogether or of that token or peer; UNAVAILABLE after Close.
  absl::StatusOr<StreamId> Open(Subscription subscription,
                                std::shared_ptr<EventQueue> queue,
                                Caller caller = {});

  // Stops the stream's poller; does nothing if it has ended.
  void Cancel(const StreamId& id);

  // See PollerGroup::PollSoon.
  void PollSoon(const std::string& repo);

  // Refuses new streams and ends all open ones with `reason`; calls `closed`,
  // on one of the loops, when the last poller has ended. To be called once.
  void Close(absl::Status reason, std::function<void()> closed);

  size_t size() const;

  // The first `limit` open streams behind `after` in the order of their ids.
  // Waits for the loops, not to be called on one; those that do not answer
  // within kLoopPatience are left out, and counted.
  struct StreamList {
    std::vector<StreamView> streams;
    size_t silent_loops = 0;
  };
  StreamList Streams(const StreamFilter& filter, const StreamId& after,
                     size_t limit) const;
  // Of all loops that answer, likewise.
  struct Totals {
    PollerGroup::Totals streams;
    size_t silent_loops = 0;
  };
  Totals totals() const;
  // Streams beyond it are refused.
  size_t max_streams() const { return limits_.max_streams; }
  // Those that have ended last, the latest first: kRecent at most.
  std::vector<StreamView> RecentlyEnded() const;
  static constexpr size_t kRecent = 1000;

 private:
  struct Loop {
    asio::any_io_executor executor;
    const Clock& clock;
    PollerGroup pollers;  // on that loop only
  };

  std::vector<asio::any_io_executor> Executors() const;
  // What there may be a limited number of streams of.
  struct Owner {
    TokenHash token;
    std::string peer;  // see PeerLimitKey
  };
  struct OpenStream {
    Loop* loop;
    // Null: nothing is limited. There may be many streams.
    std::unique_ptr<const Owner> owner;
  };

  absl::Status CheckLimits(const Owner* owner) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Loop& LoopOf(const Secret& token) const;
  // A stream's poller has ended.
  void Forget(const StreamView& view);

  const StreamLimits limits_;
  const UniformRandom random_;

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<StreamId, OpenStream> streams_ ABSL_GUARDED_BY(mutex_);
  // How many are open; only where that is limited.
  absl::flat_hash_map<TokenHash, size_t> by_token_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, size_t> by_peer_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> closed_ ABSL_GUARDED_BY(mutex_);
  // Over what time clients reconnect after Close().
  absl::Duration reconnections_ ABSL_GUARDED_BY(mutex_);
  std::deque<StreamView> ended_ ABSL_GUARDED_BY(mutex_);

  // The last member: the pollers use all of the above.
  std::vector<std::unique_ptr<Loop>> loops_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_REGISTRY_H_
