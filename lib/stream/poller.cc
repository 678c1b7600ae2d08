#include "lib/stream/poller.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "lib/base/strings.h"
#include "lib/base/task_scope.h"
#include "lib/github/answer_status.h"
#include "lib/github/delay.h"
#include "lib/stream/events.h"

namespace mentiond {

Poller::Poller(PollerEnvironment& environment, Subscription subscription,
               EventQueue& queue)
    : environment_(environment),
      subscription_(std::move(subscription)),
      schedule_(environment.poll_interval, environment.full_poll_every,
                subscription_.token.Fingerprint(), subscription_.repo),
      backoff_(
          {.initial = std::min(absl::Seconds(1), environment.poll_interval),
           .cap = environment.poll_interval},
          environment.random),
      delivery_(subscription_,
                subscription_.resume
                    ? *std::exchange(subscription_.resume, std::nullopt)
                    : ResumePoint(subscription_.since),
                queue),
      reader_(environment.github, environment.clock,
              environment.search_from_requests, subscription_, delivery_),
      polls_since_full_(environment.full_poll_every) {}

asio::awaitable<absl::Status> Poller::Run() {
  while (true) {
    absl::Status status = co_await Read();
    if (status.ok()) {
      status = co_await Completed();
    } else if (IsTransient(status)) {
      status = co_await Postponed(std::move(status));
    }
    if (!status.ok()) co_return status;
    co_await environment_.clock.SleepUntil(due_);
    if (co_await IsCancelled()) {
      co_return absl::CancelledError("the stream was cancelled");
    }
  }
}

asio::awaitable<absl::Status> Poller::Read() {
  if (delivery_.point().synced) {
    // The schedule makes all streams that share requests do it at once; the
    // count is for one that was late and missed its turn.
    const bool full = schedule_.IsFull(environment_.clock.Now()) ||
                      polls_since_full_ + 1 >= environment_.full_poll_every;
    absl::Status status = co_await reader_.ReadNews(full);
    if (status.ok()) polls_since_full_ = full ? 0 : polls_since_full_ + 1;
    co_return status;
  }
  if (absl::Status status = co_await reader_.ReadHistory(); !status.ok()) {
    co_return status;
  }
  delivery_.point().synced = true;
  co_return co_await delivery_.Send(SyncedEvent());
}

// Says that the stream is alive, and how the token stands.
asio::awaitable<absl::Status> Poller::Completed() {
  backoff_.Reset();
  late_since_.reset();
  const absl::Time now = environment_.clock.Now();
  due_ = schedule_.After(now);
  co_return co_await delivery_.Send(HeartbeatEvent(
      now, due_, environment_.github.RateLimitOf(subscription_.token)));
}

// Says so when the stream is late by more than an interval.
asio::awaitable<absl::Status> Poller::Postponed(absl::Status why) {
  const absl::Time now = environment_.clock.Now();
  if (!late_since_) late_since_ = now;
  std::optional<Delay> delay = DelayOf(why);
  if (!delay) {
    delay = {.reason = mentions::v1::Delayed::REASON_UPSTREAM_UNAVAILABLE,
             .retry_at = now + backoff_.Next()};
  }
  due_ = delay->retry_at;
  if (due_ <= *late_since_ + environment_.poll_interval) {
    co_return absl::OkStatus();
  }
  const absl::string_view words = why.message();
  co_return co_await delivery_.Send(
      DelayedEvent(*delay, std::string_view(words.data(), words.size())));
}

}  // namespace mentiond
