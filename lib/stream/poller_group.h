// The pollers of one event loop. Each polls when it is due; in between it is an
// object in a table and an entry in the order of times, without a coroutine or
// a timer of its own: most of the time, most of a hundred thousand pollers are
// waiting for their next poll.

#ifndef MENTIOND_LIB_STREAM_POLLER_GROUP_H_
#define MENTIOND_LIB_STREAM_POLLER_GROUP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"

#include "lib/base/task_scope.h"
#include "lib/stream/poller.h"
#include "lib/stream/stream_id.h"
#include "lib/stream/stream_index.h"
#include "lib/stream/stream_view.h"
#include "lib/subscription/event_queue.h"
#include "lib/subscription/subscription.h"

namespace mentiond {

// Loop thread only. Closed, and the loop run until that is reported, before it
// is destroyed.
class PollerGroup {
 public:
  // Called when a stream's poller has ended, before its queue ends.
  using Ended = std::function<void(const StreamView&)>;

  // A client that reads nothing for `slow_reader_timeout`, while events wait
  // for it, loses its stream.
  PollerGroup(const asio::any_io_executor& executor,
              PollerEnvironment environment, absl::Duration slow_reader_timeout,
              Ended ended);

  // Starts a poller that fills `queue`, and ends it with the poller's status.
  // After Close, which can overtake it, it ends at once, as all others did.
  void Start(const StreamId& id, Subscription subscription,
             std::shared_ptr<EventQueue> queue, Caller caller = {});

  // Stops a poller; does nothing if it has ended.
  void Cancel(const StreamId& id);

  // Something may have happened in that repository, `owner/name` in any case:
  // makes the pollers on it poll once more, at once, or a second after the last
  // such poll. Not those that wait for a rate limit or for GitHub's return,
  // have no token, or have little left of its quota. Nothing depends on it.
  void PollSoon(std::string_view repo);

  // The first `limit` streams behind `after` in the order of their ids.
  std::vector<StreamView> Streams(const StreamFilter& filter,
                                  const StreamId& after, size_t limit) const;

  struct Totals {
    std::array<size_t, 3> by_state = {};  // streams, by StreamState
    size_t queued = 0;                    // events that clients have not read
  };
  Totals totals() const;

  // Stops all pollers, with `reason` for their streams, and for each a random
  // time within `reconnections` to wait before its client reconnects. Calls
  // `closed` when the last one has ended.
  void Close(absl::Status reason, absl::Duration reconnections,
             std::function<void()> closed);

 private:
  struct Stream {
    Stream(PollerEnvironment& environment, Subscription subscription,
           std::shared_ptr<EventQueue> events, Caller opened_by)
        : queue(std::move(events)),
          poller(environment, std::move(subscription), *queue),
          opened_at(environment.clock.Now()),
          caller(std::make_unique<const Caller>(std::move(opened_by))) {}

    std::shared_ptr<EventQueue> queue;
    Poller poller;
    const absl::Time opened_at;
    // Behind a pointer, as there are many streams and it is seldom looked at.
    const std::unique_ptr<const Caller> caller;
    StreamIndex::Source source;
    std::optional<TaskScope::TaskId> task;  // while it polls
    bool again = false;                     // once more, when it has polled
    bool stalled = false;                   // and cancelled for that
    absl::Time due =
        absl::InfiniteFuture();  // the next poll; while it polls, never
    absl::Time wake;             // its place in wakes_
    absl::Time ends_at;          // for its age
    absl::Status ending;         // OK: it has not been told to end
  };
  // A size of the allocator's, with the id; the next one is 1536.
  static_assert(sizeof(StreamId) + sizeof(Stream) <= 1280);

  asio::awaitable<void> Poll(StreamId id, Stream& stream);
  StreamView View(const StreamId& id, const Stream& stream) const;
  void Start(const StreamId& id, Stream& stream);
  void Rest(const StreamId& id, Stream& stream, absl::Time due);
  // Sets when something is to be done for a stream: a poll, or a sign of life.
  void WakeAt(const StreamId& id, Stream& stream, absl::Time keepalive);
  // Does what is due, as long as there are streams.
  asio::awaitable<void> Wake();
  void DoDue();
  void KeepAlive(const StreamId& id, Stream& stream, absl::Time now);
  // Ends a stream so that its client resumes it.
  void EndForResumption(const StreamId& id, absl::Status status,
                        absl::Duration retry_after);
  absl::Time QuietForLongAt(const Stream& stream, absl::Time now) const;
  // Watches for slow readers, as long as there are streams.
  asio::awaitable<void> WatchReaders();
  void CancelStalled();
  // When the next poll of that repository for PollSoon() may begin, or is due
  // already.
  absl::Time NextSoon(uint64_t repo);
  absl::Duration IntervalOf(const TokenHash& token) const;
  void End(const StreamId& id, absl::Status status);

  PollerEnvironment environment_;
  const absl::Duration slow_reader_timeout_;
  const Ended ended_;

  // Streams do not change their addresses, which their polls refer to.
  absl::node_hash_map<StreamId, Stream> streams_;
  // One for each of them.
  absl::btree_set<std::pair<absl::Time, StreamId>> wakes_;
  StreamIndex index_;
  // When the last poll for PollSoon() began or is due.
  absl::flat_hash_map<uint64_t, absl::Time> polled_soon_;
  std::optional<TaskScope::TaskId> waker_;  // Wake(), if it runs
  bool doing_due_ = false;
  bool watching_ = false;
  std::optional<absl::Status> closed_;
  absl::Duration reconnections_;  // of the clients' return, once it is closed

  // The last member: its tasks use all of the above.
  TaskScope tasks_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_POLLER_GROUP_H_
