#include "client/subscription.h"

#include <algorithm>
#include <utility>

#include "client/ticker.h"
#include "lib/base/proto_time.h"

namespace mentiond {

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

// Wraps the listener of a call: stores the token of the last event that the
// listener accepted, and cancels the call if events stop arriving.
class Subscription::Watchdog final : public SubscriptionListener {
 public:
  Watchdog(Subscription& subscription, SubscriptionListener& listener,
           StreamCall& call)
      : subscription_(subscription), listener_(listener), call_(call) {
    // A server that accepts the stream but sends nothing is dead, too.
    SetDeadline(MaxSilence({}));
  }

  void OnConnected(std::string_view stream_id) override {
    listener_.OnConnected(stream_id);
  }

  absl::Status OnEvent(
      const ::mentions::v1::SubscribeResponse& response) override {
    SetDeadline(std::nullopt);  // the listener may take any time
    absl::Status status = listener_.OnEvent(response);
    if (!status.ok()) return status;
    had_events_ = true;
    if (!response.resume_token().empty()) {
      subscription_.resume_token_ = response.resume_token();
    }
    SetDeadline(MaxSilence(response));
    return status;
  }

  // Called by the ticker's thread.
  void CheckDeadline() {
    const absl::Time now = Now();
    absl::MutexLock lock(&mutex_);
    if (!deadline_ || now < *deadline_ || silent_) return;
    silent_ = true;
    call_.Cancel();
  }

  bool had_events() const { return had_events_; }
  bool silent() const {
    absl::MutexLock lock(&mutex_);
    return silent_;
  }

 private:
  void SetDeadline(std::optional<absl::Duration> within) {
    const std::optional<absl::Time> deadline =
        within ? std::optional(Now() + *within) : std::nullopt;
    absl::MutexLock lock(&mutex_);
    deadline_ = deadline;
  }

  absl::Time Now() const { return subscription_.options_.now(); }

  // How long the next event may take; nullopt: no limit.
  std::optional<absl::Duration> MaxSilence(
      const ::mentions::v1::SubscribeResponse& response) {
    std::optional<absl::Duration>& interval = subscription_.poll_interval_;
    if (response.has_heartbeat()) {
      interval = std::clamp(FromProto(response.heartbeat().next_poll_at()) -
                                FromProto(response.heartbeat().polled_at()),
                            absl::ZeroDuration(), absl::Hours(24));
    }
    if (!interval) return std::nullopt;
    absl::Duration max_silence =
        2 * *interval + subscription_.options_.heartbeat_grace;
    if (response.has_delayed()) {
      max_silence +=
          std::clamp(FromProto(response.delayed().retry_at()) - Now(),
                     absl::ZeroDuration(), absl::Hours(24));
    }
    return max_silence;
  }

  Subscription& subscription_;
  SubscriptionListener& listener_;
  StreamCall& call_;
  bool had_events_ = false;

  mutable absl::Mutex mutex_;
  std::optional<absl::Time> deadline_ ABSL_GUARDED_BY(mutex_);
  bool silent_ ABSL_GUARDED_BY(mutex_) = false;
};

Subscription::Subscription(SubscriptionOptions options)
    : options_(std::move(options)),
      server_(options_.server),
      resume_token_(options_.request.resume_token()) {}

Subscription::~Subscription() = default;

SubscriptionEnd Subscription::Run(SubscriptionListener& listener) {
  Backoff backoff(options_.reconnect, options_.random);
  bool reached = false;
  while (true) {
    bool progress = false;
    SubscriptionEnd end = Attempt(listener, progress);
    reached = reached || end.reached;
    end.reached = reached;
    if (progress) backoff.Reset();
    if (end.by != SubscriptionEnd::By::kServer || !CanRetry(end.status) ||
        !reached) {
      return end;
    }
    const absl::Duration wait = std::max(
        backoff.Next(), end.retry_delay.value_or(absl::ZeroDuration()));
    listener.OnDisconnected(end.status, wait);
    if (!Wait(wait)) {
      return {.by = SubscriptionEnd::By::kCancel,
              .status = absl::CancelledError("cancelled"),
              .reached = reached};
    }
  }
}

SubscriptionEnd Subscription::Attempt(SubscriptionListener& listener,
                                      bool& progress) {
  ::mentions::v1::SubscribeRequest request = options_.request;
  request.set_resume_token(resume_token_);
  StreamCall call(server_, std::move(request));
  {
    absl::MutexLock lock(&mutex_);
    if (cancelled_) call.Cancel();
    call_ = &call;
  }
  Watchdog watchdog(*this, listener, call);
  SubscriptionEnd end;
  {
    const absl::Duration step =
        std::min(absl::Seconds(1), options_.heartbeat_grace / 4);
    Ticker ticker(step, [&watchdog] { watchdog.CheckDeadline(); });
    end = call.Run(watchdog);
  }
  absl::MutexLock lock(&mutex_);
  call_ = nullptr;
  progress = watchdog.had_events();
  if (end.by == SubscriptionEnd::By::kCancel && watchdog.silent() &&
      !cancelled_) {
    end.by = SubscriptionEnd::By::kServer;
    end.status = absl::UnavailableError("no heartbeat from the server");
  }
  return end;
}

bool Subscription::Wait(absl::Duration delay) {
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&cancelled_), delay);
}

void Subscription::Start(SubscriptionListener& listener) {
  thread_ = std::thread([this, &listener] { end_ = Run(listener); });
}

SubscriptionEnd Subscription::Join() {
  thread_.join();
  return end_;
}

void Subscription::Cancel() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  // Under the lock, because the call lives only as long as its attempt.
  if (call_ != nullptr) call_->Cancel();
}

}  // namespace mentiond
