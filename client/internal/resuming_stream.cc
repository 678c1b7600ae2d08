#include "client/internal/resuming_stream.h"

#include <algorithm>
#include <utility>

#include "asio/experimental/awaitable_operators.hpp"
#include "asio/this_coro.hpp"

#include "lib/base/proto_time.h"
#include "lib/base/task_scope.h"

namespace mentiond::client {
namespace {

using ::mentions::v1::SubscribeResponse;
using By = SubscriptionEnd::By;

// How long to wait for the status after the last message. Normally both arrive
// together.
constexpr absl::Duration kEndTimeout = absl::Seconds(3);
// A source may need a moment until it has another token than one that was
// rejected.
constexpr int kMaxRejections = 5;
// Between calls of a source that has no other token yet.
constexpr absl::Duration kMinRenewalWait = absl::Seconds(1);

// Limits what a server's timestamps can do.
absl::Duration Sane(absl::Duration duration) {
  return std::clamp(duration, absl::ZeroDuration(), absl::Hours(24));
}

asio::awaitable<void> WaitUntilEnded(StreamCall& call) {
  while (!call.ended()) co_await call.changed().Wait();
}

}  // namespace

bool CanRetry(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:  // ended without being cancelled
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnavailable:
      return true;
    default:
      return false;
  }
}

ResumingStream::ResumingStream(const Options& options, Clock& clock,
                               std::shared_ptr<grpc::Channel> channel,
                               TokenKeeper& tokens,
                               ::mentions::v1::SubscribeRequest request,
                               SubscriptionListener& listener)
    : options_(options),
      clock_(clock),
      channel_(std::move(channel)),
      tokens_(tokens),
      request_(std::move(request)),
      listener_(listener) {}

asio::awaitable<void> ResumingStream::Run() {
  listener_.OnEnd(co_await RunAttempts());
}

asio::awaitable<SubscriptionEnd> ResumingStream::RunAttempts() {
  Backoff backoff(options_.reconnect, options_.random);
  bool reached = false;
  int rejections = 0;
  std::optional<uint64_t> rejected;  // the version of the last token
  while (true) {
    const auto token = co_await tokens_.Get(rejected);
    Attempt attempt;
    if (token.ok()) {
      attempt = co_await Connect(*token);
    } else {
      attempt.end = {.by = By::kTokenSource, .status = token.status()};
    }
    SubscriptionEnd& end = attempt.end;
    reached = reached || end.reached;
    end.reached = reached;
    if (end.by == By::kListener) co_return end;
    bool cancelled = IsCancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) {
      co_return SubscriptionEnd{.reached = reached};
    }
    if (attempt.progress) {
      backoff.Reset();
      rejections = 0;
    }
    if (attempt.rejected) {
      rejected = token->version;
    } else if (token.ok()) {
      rejected.reset();
    }
    const bool retry =
        attempt.renewed ||
        (attempt.rejected && tokens_.has_source() &&
         ++rejections < kMaxRejections) ||
        (end.by == By::kServer && reached && CanRetry(end.status)) ||
        (end.by == By::kTokenSource && reached);
    if (!retry) co_return end;
    if (!attempt.renewed) {
      const absl::Duration wait = std::max(
          backoff.Next(), attempt.retry_delay.value_or(absl::ZeroDuration()));
      listener_.OnDisconnected(end.status, wait);
      co_await clock_.SleepUntil(clock_.Now() + wait);
    }
    cancelled = IsCancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) {
      co_return SubscriptionEnd{.reached = reached};
    }
  }
}

asio::awaitable<ResumingStream::Attempt> ResumingStream::Connect(
    const TokenKeeper::Issued& token) {
  Attempt attempt;
  began_at_ = clock_.Now();
  silent_at_ = began_at_ + MaxSilence({});
  // In the second half, but for the last tenth: so that many streams whose
  // tokens expire together do not reconnect together.
  renew_after_ = 0.5 + 0.4 * options_.random();
  renew_at_ = token_expires_at_ = absl::InfiniteFuture();
  const auto call = StreamCall::Start(co_await asio::this_coro::executor,
                                      channel_, request_, token.token);
  const absl::Status status =
      co_await ReadEvents(*call, token.version, attempt);
  if (!call->ended()) call->Cancel();
  co_await WaitUntilEnded(*call);

  attempt.end.reached = call->reached();
  if (!status.ok()) {
    attempt.end.status = status;
  } else {
    attempt.end.by = By::kServer;
    attempt.end.status = call->status();
    attempt.retry_delay = call->retry_delay();
    attempt.rejected = absl::IsUnauthenticated(call->status());
  }
  co_return attempt;
}

asio::awaitable<absl::Status> ResumingStream::ReadEvents(StreamCall& call,
                                                         uint64_t token,
                                                         Attempt& attempt) {
  using asio::experimental::awaitable_operators::operator||;
  while (true) {
    const bool cancelled =
        IsCancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) {
      attempt.end.by = By::kCancel;
      co_return absl::CancelledError("cancelled");
    }
    if (const auto id = call.TakeStreamId()) listener_.OnConnected(*id);
    if (call.response() != nullptr) {
      if (absl::Status status = Deliver(call, attempt); !status.ok()) {
        attempt.end.by = By::kListener;
        co_return status;
      }
      call.ReadNext();
      continue;
    }
    if (call.ended()) co_return absl::OkStatus();
    const absl::Time now = clock_.Now();
    if (call.no_more()) silent_at_ = std::min(silent_at_, now + kEndTimeout);
    if (now >= silent_at_) {
      attempt.end.by = By::kServer;
      // A message that cannot be parsed ends the reading, but not the call.
      if (call.no_more()) {
        co_return absl::DataLossError("cannot parse a message from the server");
      }
      co_return absl::UnavailableError("no heartbeat from the server");
    }
    if (now >= renew_at_) {
      attempt.renewed = co_await HasNewToken(token);
      if (!attempt.renewed) continue;
      co_return absl::CancelledError("to continue with another token");
    }
    co_await (call.changed().Wait() ||
              clock_.SleepUntil(std::min(silent_at_, renew_at_)));
  }
}

absl::Status ResumingStream::Deliver(StreamCall& call, Attempt& attempt) {
  const SubscribeResponse& response = *call.response();
  absl::Status status = listener_.OnEvent(response);
  if (!status.ok()) return status;
  attempt.progress = true;
  if (!response.resume_token().empty()) {
    request_.set_resume_token(response.resume_token());
  }
  UpdateDeadlines(response);
  return status;
}

asio::awaitable<bool> ResumingStream::HasNewToken(uint64_t token) {
  const auto renewed = co_await tokens_.Renew(token);
  if (renewed.ok() && renewed->version != token) co_return true;
  const absl::Time now = clock_.Now();
  renew_at_ = now + std::max((token_expires_at_ - now) / 4, kMinRenewalWait);
  co_return false;
}

void ResumingStream::UpdateDeadlines(const SubscribeResponse& response) {
  // The listener may have taken any time.
  const absl::Time now = clock_.Now();
  silent_at_ = now + MaxSilence(response);
  if (!tokens_.has_source() || !response.heartbeat().has_token_expires_at()) {
    return;
  }
  const absl::Time expires_at =
      FromProto(response.heartbeat().token_expires_at());
  if (expires_at == token_expires_at_) return;
  // GitHub has just accepted it: this clock is ahead, and GitHub will say when.
  if (expires_at <= now) return;
  token_expires_at_ = expires_at;
  renew_at_ = began_at_ + (expires_at - began_at_) * renew_after_;
}

absl::Duration ResumingStream::MaxSilence(const SubscribeResponse& response) {
  absl::Time delayed_until = absl::InfinitePast();
  if (response.has_delayed()) {
    delayed_until = FromProto(response.delayed().retry_at());
  } else if (response.has_heartbeat()) {
    const auto& heartbeat = response.heartbeat();
    const absl::Time next = FromProto(heartbeat.next_poll_at());
    const absl::Time polled_at = FromProto(heartbeat.polled_at());
    if (heartbeat.has_polled_at() && polled_at != polled_at_) {
      polled_at_ = polled_at;
      // The first one is shorter than the others.
      poll_interval_ = std::max(poll_interval_.value_or(absl::ZeroDuration()),
                                Sane(next - polled_at));
    } else {
      // Only a sign of life: the poll may be delayed for long.
      delayed_until = next;
    }
  }
  if (!poll_interval_) return absl::InfiniteDuration();
  return 2 * *poll_interval_ + options_.heartbeat_grace +
         Sane(delayed_until - clock_.Now());
}

}  // namespace mentiond::client
