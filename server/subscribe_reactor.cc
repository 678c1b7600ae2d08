#include "server/subscribe_reactor.h"

#include <cstdint>
#include <utility>
#include <variant>

#include "grpc/support/time.h"
#include "grpcpp/server_context.h"

#include "server/grpc_status.h"
#include "server/wire.h"

namespace mentiond {
namespace {

// How long a client whose queue was abandoned has to finish reading and receive
// the status before its call is aborted.
constexpr int64_t kAbortDelaySeconds = 60;

// Not taken from a Clock, because gRPC's alarms always run on real time. The
// monotonic clock is not affected by changes of the wall clock.
gpr_timespec AbortDeadline() {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_seconds(kAbortDelaySeconds, GPR_TIMESPAN));
}

}  // namespace

std::shared_ptr<SubscribeReactor> SubscribeReactor::Create(
    std::shared_ptr<EventQueue> queue, grpc::CallbackServerContext& context,
    const CallWatch& watch) {
  std::shared_ptr<SubscribeReactor> reactor(
      new SubscribeReactor(std::move(queue), context, watch));
  reactor->self_ = reactor;
  // Weak, because a poller's last notification may arrive after OnDone().
  reactor->queue_->SetListener([weak = reactor->weak_from_this()] {
    if (const auto alive = weak.lock()) alive->Advance();
  });
  return reactor;
}

void SubscribeReactor::Start(std::function<void()> stop) {
  watch_.calls.Began();
  stop_ = std::move(stop);
  // Sent before the first event, so that the client learns its stream's id.
  StartSendInitialMetadata();
}

void SubscribeReactor::OnSendInitialMetadataDone(bool ok) { OnSent(ok); }

void SubscribeReactor::OnWriteDone(bool ok) {
  if (ok) watch_.metrics.MessageSent();
  OnSent(ok);
}

void SubscribeReactor::OnCancel() { stop_(); }

void SubscribeReactor::OnDone() {
  std::unique_ptr<grpc::Alarm> alarm;  // cancelled without the lock
  {
    absl::MutexLock lock(&mutex_);
    done_ = true;
    alarm = std::move(abort_alarm_);
  }
  alarm.reset();
  if (stop_) watch_.calls.Ended();  // otherwise it was never started
  // May delete `this`.
  std::exchange(self_, nullptr).reset();
}

void SubscribeReactor::OnSent(bool ok) {
  outgoing_.Clear();
  {
    absl::MutexLock lock(&mutex_);
    state_ = State::kIdle;
    if (!ok) broken_ = true;
  }
  if (!ok) stop_();
  Advance();
}

void SubscribeReactor::ScheduleAbort() {
  abort_alarm_ = std::make_unique<grpc::Alarm>();
  abort_alarm_->Set(AbortDeadline(), [self = shared_from_this()](bool expired) {
    if (!expired) return;
    // Under the lock, so that the call cannot end in between. TryCancel() does
    // not invoke callbacks on this thread.
    absl::MutexLock lock(&self->mutex_);
    if (!self->done_) self->context_.TryCancel();
  });
}

void SubscribeReactor::Advance() {
  EventQueue::Popped next;
  {
    absl::MutexLock lock(&mutex_);
    if (state_ == State::kBusy && abort_alarm_ == nullptr &&
        queue_->abandoned()) {
      ScheduleAbort();
    }
    if (state_ != State::kIdle) return;
    do {
      next = queue_->Pop();
    } while (broken_ && std::holds_alternative<EventQueue::Event>(next));
    if (std::holds_alternative<EventQueue::Empty>(next)) return;
    state_ = std::holds_alternative<EventQueue::Event>(next) ? State::kBusy
                                                             : State::kFinished;
  }
  if (auto* event = std::get_if<EventQueue::Event>(&next)) {
    grpc::ByteBuffer response = SerializeResponse(*event);
    outgoing_.Swap(&response);
    // One system call for what is written at once.
    grpc::WriteOptions options;
    if (!queue_->empty()) options.set_buffer_hint();
    StartWrite(&outgoing_, options);
  } else {
    const absl::Status& status = std::get<absl::Status>(next);
    watch_.metrics.StreamHandled(status.code());
    Finish(ToGrpcStatus(status));
  }
}

}  // namespace mentiond
