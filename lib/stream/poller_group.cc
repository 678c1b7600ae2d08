#include "lib/stream/poller_group.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "asio/this_coro.hpp"
#include "glog/logging.h"

#include "lib/base/status_reason.h"
#include "lib/stream/schedule.h"

namespace mentiond {
namespace {

// Between two polls of a repository for PollSoon().
constexpr absl::Duration kBetweenSoon = absl::Seconds(1);
// A token with so many repositories can send more requests in a minute than
// GitHub allows.
constexpr size_t kManyRepositories = 50;
// Streams of one age end at once; their clients reconnect within this.
constexpr absl::Duration kReconnections = absl::Seconds(1);
// More than there are repositories with news in a second.
constexpr size_t kMaxPolledSoon = 10'000;

}  // namespace

PollerGroup::PollerGroup(const asio::any_io_executor& executor,
                         PollerEnvironment environment,
                         absl::Duration slow_reader_timeout, Ended ended)
    : environment_(std::move(environment)),
      slow_reader_timeout_(slow_reader_timeout),
      ended_(std::move(ended)),
      tasks_(executor) {
  environment_.interval_of = [this](const TokenHash& token) {
    return IntervalOf(token);
  };
}

void PollerGroup::Start(const StreamId& id, Subscription subscription,
                        std::shared_ptr<EventQueue> queue, Caller caller) {
  const TokenHash token = subscription.token.Fingerprint();
  const StreamIndex::Source source =
      StreamIndex::SourceOf(subscription.repo.ToString(), token);
  Stream& stream = streams_
                       .try_emplace(id, environment_, std::move(subscription),
                                    std::move(queue), std::move(caller))
                       .first->second;
  stream.source = source;
  stream.ends_at = stream.opened_at + environment_.max_stream_age *
                                          (0.9 + 0.2 * environment_.random());
  LOG(INFO) << "stream " << id << " opened: " << AuditFields(View(id, stream));
  const absl::Duration interval = IntervalOf(token);
  index_.Add(source, id);
  if (closed_) {
    EndForResumption(id, *closed_, reconnections_ * environment_.random());
    return;
  }
  if (index_.RepositoriesOf(token) == kManyRepositories) {
    environment_.github.LimitByMinute(token, true);
  }
  if (IntervalOf(token) > interval) {
    LOG(INFO) << "the token of stream " << id << " polls "
              << index_.RepositoriesOf(token)
              << " repositories: with GitHub's limit of "
              << environment_.requests_per_minute
              << " requests a minute, each of them every " << IntervalOf(token);
  }
  Start(id, stream);
  if (!std::exchange(watching_, true)) tasks_.Spawn(WatchReaders());
}

StreamView PollerGroup::View(const StreamId& id, const Stream& stream) const {
  StreamView view = {.id = id, .caller = *stream.caller};
  view.opened_at = stream.opened_at;
  view.queued = stream.queue->size();
  stream.poller.Describe(view);
  return view;
}

PollerGroup::Totals PollerGroup::totals() const {
  Totals totals;
  for (const auto& [id, stream] : streams_) {
    ++totals.by_state[static_cast<size_t>(stream.poller.state())];
    totals.queued += stream.queue->size();
  }
  return totals;
}

std::vector<StreamView> PollerGroup::Streams(const StreamFilter& filter,
                                             const StreamId& after,
                                             size_t limit) const {
  // There may be a hundred thousand: only those to show are described.
  std::vector<StreamId> ids;
  for (const auto& [id, stream] : streams_) {
    const Subscription& subscription = stream.poller.subscription();
    if (id > after &&
        filter.Matches(subscription.repo.ToString(), subscription.target.text(),
                       stream.poller.state())) {
      ids.push_back(id);
    }
  }
  const auto end =
      ids.begin() + static_cast<ptrdiff_t>(std::min(limit, ids.size()));
  std::partial_sort(ids.begin(), end, ids.end());
  std::vector<StreamView> views;
  for (auto id = ids.begin(); id != end; ++id) {
    views.push_back(View(*id, streams_.at(*id)));
  }
  return views;
}

void PollerGroup::Cancel(const StreamId& id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  if (stream.task) {
    tasks_.Cancel(*stream.task);
    return;
  }
  End(id, absl::CancelledError("the stream was cancelled"));
}

void PollerGroup::PollSoon(std::string_view repo) {
  const uint64_t hash = StreamIndex::HashOf(repo);
  const std::vector<StreamId> ids = index_.StreamsOn(hash);
  if (ids.empty()) return;
  const absl::Time at = NextSoon(hash);
  for (const StreamId& id : ids) {
    Stream& stream = streams_.at(id);
    if (stream.task) {
      // It may have read already what has changed since.
      stream.again = true;
    } else if (stream.due > at && stream.poller.MayPollSoon()) {
      Rest(id, stream, at);
    }
  }
}

absl::Time PollerGroup::NextSoon(uint64_t repo) {
  const absl::Time now = environment_.clock.Now();
  if (polled_soon_.size() >= kMaxPolledSoon) {
    absl::erase_if(polled_soon_, [now](const auto& entry) {
      return entry.second + kBetweenSoon <= now;
    });
  }
  const auto [last, is_first] = polled_soon_.try_emplace(repo, now);
  if (is_first || last->second > now) return last->second;
  last->second = std::max(now, last->second + kBetweenSoon);
  return last->second;
}

void PollerGroup::Close(absl::Status reason, absl::Duration reconnections,
                        std::function<void()> closed) {
  closed_ = std::move(reason);
  std::vector<StreamId> ids;
  ids.reserve(streams_.size());
  for (const auto& [id, stream] : streams_) ids.push_back(id);
  reconnections_ = reconnections;
  for (const StreamId& id : ids) {
    EndForResumption(id, *closed_, reconnections_ * environment_.random());
  }
  tasks_.CancelAll();
  tasks_.Join(std::move(closed));
}

asio::awaitable<void> PollerGroup::Poll(StreamId id, Stream& stream) {
  absl::StatusOr<absl::Time> due = co_await stream.poller.Poll(id);
  const bool cancelled =
      IsCancelled(co_await asio::this_coro::cancellation_state);
  if (due.ok() && cancelled) {
    due = absl::CancelledError("the stream was cancelled");
  }
  if (due.ok()) {
    const bool again = std::exchange(stream.again, false);
    const auto soon = polled_soon_.find(stream.source.repo);
    if (again && soon != polled_soon_.end() && stream.poller.MayPollSoon()) {
      due = std::min(*due, soon->second);
    }
    Rest(id, stream, *due);
  } else {
    End(id, due.status());
  }
}

void PollerGroup::Start(const StreamId& id, Stream& stream) {
  stream.due = absl::InfiniteFuture();
  stream.task = tasks_.Spawn(Poll(id, stream));
  // Most polls are over, with a heartbeat, before another one is needed.
  const absl::Time now = environment_.clock.Now();
  WakeAt(id, stream,
         std::max(QuietForLongAt(stream, now),
                  now + environment_.keepalive_interval / 10));
}

void PollerGroup::Rest(const StreamId& id, Stream& stream, absl::Time due) {
  stream.task.reset();
  stream.due = due;
  // A poll that failed has sent nothing: the stream is as quiet as before.
  WakeAt(id, stream, QuietForLongAt(stream, environment_.clock.Now()));
}

void PollerGroup::WakeAt(const StreamId& id, Stream& stream,
                         absl::Time keepalive) {
  wakes_.erase({stream.wake, id});
  stream.wake =
      std::min({stream.due, InStep(keepalive), InStep(stream.ends_at)});
  if (stream.wake == absl::InfiniteFuture()) return;
  const auto [place, inserted] = wakes_.insert({stream.wake, id});
  if (place != wakes_.begin() || doing_due_) return;
  // It sleeps for too long now.
  if (waker_) tasks_.Cancel(*waker_);
  waker_ = tasks_.Spawn(Wake());
}

asio::awaitable<void> PollerGroup::Wake() {
  bool cancelled = false;
  while (!cancelled && !wakes_.empty()) {
    const absl::Time next = wakes_.begin()->first;
    co_await environment_.clock.SleepUntil(next);
    cancelled = IsCancelled(co_await asio::this_coro::cancellation_state);
    if (!cancelled) DoDue();
  }
  // Otherwise another one has taken its place.
  if (!cancelled) waker_.reset();
}

void PollerGroup::DoDue() {
  doing_due_ = true;
  const absl::Time now = environment_.clock.Now();
  if (!wakes_.empty() && wakes_.begin()->first <= now) {
    environment_.metrics->LoopWasLate(now - wakes_.begin()->first);
  }
  while (!wakes_.empty() && wakes_.begin()->first <= now) {
    const StreamId id = wakes_.begin()->second;
    Stream& stream = streams_.at(id);
    if (stream.ends_at <= now) {
      wakes_.erase(wakes_.begin());
      EndForResumption(
          id,
          WithReason(absl::UnavailableError(
                         "the stream has reached its maximum age: resume "
                         "with the last token"),
                     "MAX_STREAM_AGE"),
          kReconnections * environment_.random());
    } else if (stream.due <= now) {
      Start(id, stream);
    } else {
      KeepAlive(id, stream, now);
    }
  }
  doing_due_ = false;
}

void PollerGroup::EndForResumption(const StreamId& id, absl::Status status,
                                   absl::Duration retry_after) {
  Stream& stream = streams_.at(id);
  if (stream.ending.ok()) {
    stream.ending = WithRetryAfter(std::move(status), retry_after);
  }
  stream.ends_at = absl::InfiniteFuture();
  Cancel(id);
}

void PollerGroup::KeepAlive(const StreamId& id, Stream& stream,
                            absl::Time now) {
  absl::Time next = QuietForLongAt(stream, now);
  if (next <= now) {
    stream.poller.KeepAlive();
    next = now + environment_.keepalive_interval;
  }
  WakeAt(id, stream, next);
}

absl::Time PollerGroup::QuietForLongAt(const Stream& stream,
                                       absl::Time now) const {
  const absl::Time idle_since = stream.queue->IdleSince();
  return (idle_since == absl::InfiniteFuture() ? now : idle_since) +
         environment_.keepalive_interval;
}

asio::awaitable<void> PollerGroup::WatchReaders() {
  Clock& clock = environment_.clock;
  bool cancelled = false;
  while (!cancelled && !streams_.empty()) {
    CancelStalled();
    const absl::Time next = clock.Now() + slow_reader_timeout_ / 4;
    co_await clock.SleepUntil(next);
    cancelled = IsCancelled(co_await asio::this_coro::cancellation_state);
  }
  watching_ = false;
}

void PollerGroup::CancelStalled() {
  const absl::Time limit = environment_.clock.Now() - slow_reader_timeout_;
  std::vector<StreamId> stalled;
  for (auto& [id, stream] : streams_) {
    if (stream.queue->StalledSince() > limit) continue;
    stream.stalled = true;
    stalled.push_back(id);
  }
  for (const StreamId& id : stalled) Cancel(id);
}

absl::Duration PollerGroup::IntervalOf(const TokenHash& token) const {
  return SustainableInterval(
      environment_.poll_interval, environment_.full_poll_every,
      index_.RepositoriesOf(token), environment_.requests_per_minute);
}

void PollerGroup::End(const StreamId& id, absl::Status status) {
  const auto found = streams_.find(id);
  const bool stalled = found->second.stalled;
  const absl::Status ending = found->second.ending;
  StreamView view = View(id, found->second);
  const std::shared_ptr<EventQueue> queue = std::move(found->second.queue);
  const TokenHash token =
      found->second.poller.subscription().token.Fingerprint();
  const bool had_many = index_.RepositoriesOf(token) == kManyRepositories;
  index_.Remove(found->second.source, id);
  if (had_many && index_.RepositoriesOf(token) < kManyRepositories) {
    environment_.github.LimitByMinute(token, false);
  }
  wakes_.erase({found->second.wake, id});
  streams_.erase(found);
  if (stalled) {
    status = WithReason(absl::ResourceExhaustedError(absl::StrCat(
                            "the client has read nothing for ",
                            absl::FormatDuration(slow_reader_timeout_),
                            ": resume with the last token")),
                        "SLOW_READER");
  } else if (!ending.ok() && absl::IsCancelled(status)) {
    status = ending;
  }
  view.status = status;
  view.ended_at = environment_.clock.Now();
  ended_(view);
  if (stalled) {
    queue->Abandon(std::move(status));
  } else {
    queue->Close(std::move(status));
  }
}

}  // namespace mentiond
