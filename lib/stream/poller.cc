#include "lib/stream/poller.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "lib/base/hashed_token.h"
#include "lib/base/strings.h"
#include "lib/github/delay.h"
#include "lib/github/response_status.h"
#include "lib/subscription/events.h"

namespace mentiond {

namespace {

// GitHub's incidents show repositories that are there as missing or forbidden:
// two more attempts within 10 s.
constexpr std::array kDoubtWaits = {absl::Seconds(2), absl::Seconds(5)};

}  // namespace

Poller::Poller(PollerEnvironment& environment, Subscription subscription,
               EventQueue& queue)
    : environment_(environment),
      subscription_(std::move(subscription)),
      phase_(environment.phase_of(subscription_.token, subscription_.repo)),
      outbox_(subscription_, subscription_.progress, queue, environment.clock,
              *environment.metrics),
      sync_(environment.github, environment.clock, subscription_, outbox_),
      polls_since_full_(environment.full_poll_every),
      longest_wait_(backoff().initial) {}

asio::awaitable<absl::StatusOr<absl::Time>> Poller::Poll(
    const StreamId& stream) {
  absl::Status status = co_await Read(stream);
  if (MayBeFault(status)) {
    status =
        WithDelay(absl::UnavailableError(status.message()),
                  {.reason = mentions::v1::Delayed::REASON_UPSTREAM_UNAVAILABLE,
                   .retry_at = environment_.clock.Now() +
                               kDoubtWaits[static_cast<size_t>(doubts_)]});
    ++doubts_;
  }
  if (!absl::IsCancelled(status))
    environment_.metrics->Polled(OutcomeOf(status));
  if (status.ok()) {
    doubts_ = 0;
    status = co_await ReportSuccess();
  } else if (IsTransient(status)) {
    status = co_await ReportDelay(std::move(status));
  }
  if (!status.ok()) co_return status;
  co_return due_;
}

asio::awaitable<absl::Status> Poller::Read(const StreamId& stream) {
  // The schedule makes all streams that share requests do the same at the same
  // time; the count is for a stream that was late and missed its turn.
  const absl::Time now = environment_.clock.Now();
  const bool full = schedule().IsFull(now, Interval()) ||
                    polls_since_full_ + 1 >= environment_.full_poll_every;
  const ReadOptions options = {.all_listings = full,
                               .full_read = IsFullReadDue(now)};
  absl::Status status = co_await sync_.Read(stream, options);
  if (!status.ok()) co_return status;
  polls_since_full_ = full ? 0 : polls_since_full_ + 1;
  if (outbox_.progress().synced) co_return absl::OkStatus();
  outbox_.SetSynced();
  co_return co_await outbox_.Send(SyncedEvent(sync_.Gaps()));
}

StreamState Poller::state() const {
  if (late_since_) return StreamState::kDelayed;
  return subscription_.progress.synced ? StreamState::kLive
                                       : StreamState::kReading;
}

void Poller::Describe(StreamView& view) const {
  view.repo = subscription_.repo.ToString();
  view.user = subscription_.target.text();
  view.hashed_token = HashedToken(subscription_.token);
  view.state = state();
  if (polled_at_ != absl::InfinitePast()) view.polled_at = polled_at_;
  if (due_ != absl::InfinitePast()) view.next_poll_at = due_;
  view.mentions = outbox_.mentions();
  view.why_delayed = std::string(why_late_.message());
}

bool Poller::MayPollSoon() const {
  if (late_since_ || subscription_.token.empty()) return false;
  const TokenInfo token = environment_.github.InfoOf(subscription_.token);
  const auto has_plenty = [](const std::optional<RateLimit>& rate) {
    return !rate || rate->remaining > rate->limit / 5;
  };
  return has_plenty(token.rest) && has_plenty(token.graphql);
}

PollOutcome Poller::OutcomeOf(const absl::Status& status) const {
  if (status.ok()) return PollOutcome::kOk;
  if (!IsTransient(status)) return PollOutcome::kFailed;
  const std::optional<Delay> delay = DelayOf(status);
  if (!delay) return PollOutcome::kUnavailable;
  switch (delay->reason) {
    case mentions::v1::Delayed::REASON_RATE_LIMITED:
      return PollOutcome::kRateLimited;
    case mentions::v1::Delayed::REASON_SECONDARY_RATE_LIMITED:
      return PollOutcome::kSecondaryRateLimited;
    default:
      return PollOutcome::kUnavailable;
  }
}

bool Poller::MayBeFault(const absl::Status& status) const {
  return (absl::IsNotFound(status) || absl::IsPermissionDenied(status)) &&
         (polled_at_ != absl::InfinitePast() || outbox_.progress().synced ||
          outbox_.HasDelivered()) &&
         doubts_ < static_cast<int>(kDoubtWaits.size());
}

absl::Duration Poller::Interval() const {
  return environment_.interval_of
             ? environment_.interval_of(subscription_.token.Fingerprint())
             : environment_.poll_interval;
}

Schedule Poller::schedule() const {
  return Schedule(environment_.full_poll_every, environment_.full_read_interval,
                  phase_);
}

BackoffPolicy Poller::backoff() const {
  return {.initial = std::min(absl::Seconds(1), environment_.poll_interval),
          .cap = environment_.poll_interval};
}

// At most one interval after the last one, at the same time for all streams
// that share requests.
bool Poller::IsFullReadDue(absl::Time now) const {
  const std::optional<absl::Time>& last = outbox_.progress().last_full_read;
  const Schedule schedule = this->schedule();
  return !last || schedule.FullReadNumber(now) > schedule.FullReadNumber(*last);
}

// Tells the client that the stream is alive, and what is left of the limits.
asio::awaitable<absl::Status> Poller::ReportSuccess() {
  longest_wait_ = backoff().initial;
  late_since_.reset();
  why_late_ = absl::OkStatus();
  polled_at_ = environment_.clock.Now();
  due_ = schedule().After(polled_at_, Interval());
  co_return co_await outbox_.Send(Heartbeat());
}

EventQueue::Event Poller::Heartbeat() const {
  return HeartbeatEvent(polled_at_, due_,
                        environment_.github.InfoOf(subscription_.token));
}

void Poller::KeepAlive() { outbox_.SendIfIdle(Heartbeat()); }

// Tells the client once the stream is late by more than an interval.
asio::awaitable<absl::Status> Poller::ReportDelay(absl::Status why) {
  const absl::Time now = environment_.clock.Now();
  if (!late_since_) late_since_ = now;
  why_late_ = why;
  std::optional<Delay> delay = DelayOf(why);
  if (!delay) {
    delay = {.reason = mentions::v1::Delayed::REASON_UPSTREAM_UNAVAILABLE,
             .retry_at =
                 now + NextWait(backoff(), environment_.random, longest_wait_)};
  }
  due_ = delay->retry_at;
  if (due_ <= *late_since_ + Interval()) {
    co_return absl::OkStatus();
  }
  const absl::string_view words = why.message();
  co_return co_await outbox_.Send(
      DelayedEvent(*delay, std::string_view(words.data(), words.size())));
}

}  // namespace mentiond
