#include "lib/stream/registry.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_format.h"
#include "asio/post.hpp"
#include "glog/logging.h"

#include "lib/base/status_reason.h"
#include "lib/base/strings.h"
#include "lib/stream/peer_limit.h"

namespace mentiond {

namespace {

// A server that ends has its clients reconnect at a rate that another one, or
// this one's successor, can bear.
constexpr absl::Duration kBetweenReconnections = absl::Milliseconds(1);
constexpr absl::Duration kLeastReconnections = absl::Seconds(1);

absl::Status TooMany(absl::string_view reason, size_t limit,
                     absl::string_view of_what) {
  return WithReason(
      absl::ResourceExhaustedError(absl::StrFormat(
          "%s already has its maximum of %d open streams", of_what, limit)),
      ToStd(reason));
}

template <typename Key>
void Decrement(absl::flat_hash_map<Key, size_t>& counts, const Key& key) {
  const auto found = counts.find(key);
  if (--found->second == 0) counts.erase(found);
}

template <typename Key>
size_t CountOf(const absl::flat_hash_map<Key, size_t>& counts, const Key& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

StreamRegistry::StreamRegistry(const std::vector<PollerLoop>& loops,
                               StreamLimits limits)
    : limits_(limits), random_(loops[0].environment.random) {
  const auto forget = [this](const StreamView& view) { Forget(view); };
  loops_.reserve(loops.size());
  for (const PollerLoop& loop : loops) {
    loops_.push_back(std::unique_ptr<Loop>(
        new Loop{.executor = loop.executor,
                 .clock = loop.environment.clock,
                 .pollers = {loop.executor, loop.environment,
                             limits_.slow_reader_timeout, forget}}));
  }
}

std::shared_ptr<EventQueue> StreamRegistry::MakeQueue(
    const Secret& token) const {
  const Loop& loop = LoopOf(token);
  return std::make_shared<EventQueue>(loop.executor, loop.clock, limits_.queue);
}

absl::StatusOr<StreamId> StreamRegistry::Open(Subscription subscription,
                                              std::shared_ptr<EventQueue> queue,
                                              Caller caller) {
  Loop& loop = LoopOf(subscription.token);
  std::unique_ptr<const Owner> owner;
  if (limits_.max_per_token > 0 || limits_.max_per_peer > 0) {
    owner.reset(new Owner{.token = subscription.token.Fingerprint(),
                          .peer = PeerLimitKey(caller.peer)});
  }
  StreamId id;
  {
    absl::MutexLock lock(&mutex_);
    if (closed_) return WithRetryAfter(*closed_, reconnections_ * random_());
    absl::Status status = CheckLimits(owner.get());
    if (!status.ok()) return status;
    if (owner != nullptr) {
      ++by_token_[owner->token];
      ++by_peer_[owner->peer];
    }
    do {
      id = StreamId::Random();
    } while (streams_.contains(id));
    streams_[id] = {.loop = &loop, .owner = std::move(owner)};
  }
  asio::post(loop.executor,
             [&loop, id, subscription = std::move(subscription),
              queue = std::move(queue), caller = std::move(caller)]() mutable {
               loop.pollers.Start(id, std::move(subscription), std::move(queue),
                                  std::move(caller));
             });
  return id;
}

absl::Status StreamRegistry::CheckLimits(const Owner* owner) const {
  if (streams_.size() >= limits_.max_streams) {
    return TooMany("TOO_MANY_STREAMS", limits_.max_streams, "this server");
  }
  if (limits_.max_per_token > 0 &&
      CountOf(by_token_, owner->token) >= limits_.max_per_token) {
    return TooMany("TOO_MANY_STREAMS_OF_TOKEN", limits_.max_per_token,
                   "the GitHub token");
  }
  if (limits_.max_per_peer > 0 &&
      CountOf(by_peer_, owner->peer) >= limits_.max_per_peer) {
    return TooMany("TOO_MANY_STREAMS_OF_PEER", limits_.max_per_peer,
                   "the client's address");
  }
  return absl::OkStatus();
}

void StreamRegistry::Cancel(const StreamId& id) {
  Loop* loop = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    loop = found->second.loop;
  }
  // Behind Start in the loop's queue.
  asio::post(loop->executor, [loop, id] { loop->pollers.Cancel(id); });
}

void StreamRegistry::PollSoon(const std::string& repo) {
  for (const std::unique_ptr<Loop>& loop : loops_) {
    asio::post(loop->executor,
               [loop = loop.get(), repo] { loop->pollers.PollSoon(repo); });
  }
}

void StreamRegistry::Close(absl::Status reason, std::function<void()> closed) {
  absl::Duration reconnections;
  {
    absl::MutexLock lock(&mutex_);
    reconnections =
        std::max(kLeastReconnections,
                 kBetweenReconnections * static_cast<double>(streams_.size()));
    if (!closed_) {
      closed_ = reason;
      reconnections_ = reconnections;
    }
  }
  const auto open = std::make_shared<std::atomic<size_t>>(loops_.size());
  const std::function<void()> loop_closed = [open, closed = std::move(closed)] {
    if (open->fetch_sub(1) == 1) closed();
  };
  for (const std::unique_ptr<Loop>& loop : loops_) {
    asio::post(loop->executor,
               [loop = loop.get(), reason, reconnections, loop_closed] {
                 loop->pollers.Close(reason, reconnections, loop_closed);
               });
  }
}

size_t StreamRegistry::size() const {
  absl::MutexLock lock(&mutex_);
  return streams_.size();
}

StreamRegistry::Loop& StreamRegistry::LoopOf(const Secret& token) const {
  return *loops_[absl::HashOf(token.Fingerprint()) % loops_.size()];
}

void StreamRegistry::Forget(const StreamView& view) {
  size_t left = 0;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = streams_.find(view.id);
    if (const Owner* owner = found->second.owner.get(); owner != nullptr) {
      Decrement(by_token_, owner->token);
      Decrement(by_peer_, owner->peer);
    }
    streams_.erase(found);
    left = streams_.size();
    ended_.push_front(view);
    if (ended_.size() > kRecent) ended_.pop_back();
  }
  LOG(INFO) << "stream " << view.id << " ended (" << view.status << "); "
            << left << " open; " << AuditFields(view)
            << " delivered=" << view.mentions << " after="
            << view.ended_at.value_or(view.opened_at) - view.opened_at;
}

StreamRegistry::StreamList StreamRegistry::Streams(const StreamFilter& filter,
                                                   const StreamId& after,
                                                   size_t limit) const {
  auto [parts, silent] = AskLoops<std::vector<StreamView>>(
      Executors(), [this, filter, after, limit](size_t i) {
        return loops_[i]->pollers.Streams(filter, after, limit);
      });
  StreamList all = {.silent_loops = silent};
  for (std::vector<StreamView>& part : parts) {
    std::move(part.begin(), part.end(), std::back_inserter(all.streams));
  }
  std::sort(
      all.streams.begin(), all.streams.end(),
      [](const StreamView& a, const StreamView& b) { return a.id < b.id; });
  if (all.streams.size() > limit) all.streams.resize(limit);
  return all;
}

StreamRegistry::Totals StreamRegistry::totals() const {
  const auto [parts, silent] = AskLoops<PollerGroup::Totals>(
      Executors(), [this](size_t i) { return loops_[i]->pollers.totals(); });
  Totals all = {.silent_loops = silent};
  for (const PollerGroup::Totals& part : parts) {
    for (size_t state = 0; state < all.streams.by_state.size(); ++state) {
      all.streams.by_state[state] += part.by_state[state];
    }
    all.streams.queued += part.queued;
  }
  return all;
}

std::vector<asio::any_io_executor> StreamRegistry::Executors() const {
  std::vector<asio::any_io_executor> executors;
  for (const std::unique_ptr<Loop>& loop : loops_) {
    executors.push_back(loop->executor);
  }
  return executors;
}

std::vector<StreamView> StreamRegistry::RecentlyEnded() const {
  absl::MutexLock lock(&mutex_);
  return {ended_.begin(), ended_.end()};
}

}  // namespace mentiond
