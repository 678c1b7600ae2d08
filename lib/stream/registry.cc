#include "lib/stream/registry.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/blocking_counter.h"
#include "asio/post.hpp"
#include "glog/logging.h"

#include "lib/base/status_reason.h"

namespace mentiond {

StreamRegistry::StreamRegistry(const std::vector<PollerLoop>& loops,
                               StreamLimits limits)
    : limits_(limits) {
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
  StreamId id;
  {
    absl::MutexLock lock(&mutex_);
    if (closed_) return *closed_;
    if (streams_.size() >= limits_.max_streams) {
      return WithReason(
          absl::ResourceExhaustedError(absl::StrFormat(
              "this server already has its maximum of %d open streams",
              limits_.max_streams)),
          "TOO_MANY_STREAMS");
    }
    do {
      id = StreamId::Random();
    } while (!streams_.try_emplace(id, &loop).second);
  }
  asio::post(loop.executor,
             [&loop, id, subscription = std::move(subscription),
              queue = std::move(queue), caller = std::move(caller)]() mutable {
               loop.pollers.Start(id, std::move(subscription), std::move(queue),
                                  std::move(caller));
             });
  return id;
}

void StreamRegistry::Cancel(const StreamId& id) {
  Loop* loop = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    loop = found->second;
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
  {
    absl::MutexLock lock(&mutex_);
    if (!closed_) closed_ = reason;
  }
  const auto open = std::make_shared<std::atomic<size_t>>(loops_.size());
  const std::function<void()> loop_closed = [open, closed = std::move(closed)] {
    if (open->fetch_sub(1) == 1) closed();
  };
  for (const std::unique_ptr<Loop>& loop : loops_) {
    asio::post(loop->executor, [loop = loop.get(), reason, loop_closed] {
      loop->pollers.Close(reason, loop_closed);
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
    streams_.erase(view.id);
    left = streams_.size();
    ended_.push_front(view);
    if (ended_.size() > kRecent) ended_.pop_back();
  }
  LOG(INFO) << "stream " << view.id << " ended (" << view.status << "); "
            << left << " open; " << AuditFields(view)
            << " delivered=" << view.mentions << " after="
            << view.ended_at.value_or(view.opened_at) - view.opened_at;
}

std::vector<StreamView> StreamRegistry::Streams(const StreamFilter& filter,
                                                const StreamId& after,
                                                size_t limit) const {
  std::vector<std::vector<StreamView>> parts(loops_.size());
  OnEachLoop([&](size_t i) {
    parts[i] = loops_[i]->pollers.Streams(filter, after, limit);
  });
  std::vector<StreamView> all;
  for (std::vector<StreamView>& part : parts) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  std::sort(
      all.begin(), all.end(),
      [](const StreamView& a, const StreamView& b) { return a.id < b.id; });
  if (all.size() > limit) all.resize(limit);
  return all;
}

PollerGroup::Totals StreamRegistry::totals() const {
  std::vector<PollerGroup::Totals> parts(loops_.size());
  OnEachLoop([&](size_t i) { parts[i] = loops_[i]->pollers.totals(); });
  PollerGroup::Totals all;
  for (const PollerGroup::Totals& part : parts) {
    for (size_t state = 0; state < all.by_state.size(); ++state) {
      all.by_state[state] += part.by_state[state];
    }
    all.queued += part.queued;
  }
  return all;
}

void StreamRegistry::OnEachLoop(
    const std::function<void(size_t)>& visit) const {
  absl::BlockingCounter missing(static_cast<int>(loops_.size()));
  for (size_t i = 0; i < loops_.size(); ++i) {
    asio::post(loops_[i]->executor, [&, i] {
      visit(i);
      missing.DecrementCount();
    });
  }
  missing.Wait();
}

std::vector<StreamView> StreamRegistry::RecentlyEnded() const {
  absl::MutexLock lock(&mutex_);
  return {ended_.begin(), ended_.end()};
}

}  // namespace mentiond
