#include "server/subscribe_reactor.h"

#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"

#include "server/grpc_status.h"
#include "server/wire.h"

namespace mentiond {
namespace {

// For a client that has lost its stream to read on and hear of it.
constexpr absl::Duration kPatience = absl::Minutes(1);

}  // namespace

std::shared_ptr<SubscribeReactor> SubscribeReactor::Create(
    std::shared_ptr<EventQueue> queue, grpc::CallbackServerContext& context) {
  std::shared_ptr<SubscribeReactor> reactor(
      new SubscribeReactor(std::move(queue), context));
  reactor->self_ = reactor;
  // Weak: a poller's last notification can come when gRPC is already done.
  reactor->queue_->SetListener([weak = reactor->weak_from_this()] {
    if (const auto alive = weak.lock()) alive->Advance();
  });
  return reactor;
}

void SubscribeReactor::Start(std::function<void()> stop) {
  stop_ = std::move(stop);
  // At once, not with the first event: the client learns its stream's id.
  StartSendInitialMetadata();
}

void SubscribeReactor::OnSendInitialMetadataDone(bool ok) { OnSent(ok); }

void SubscribeReactor::OnWriteDone(bool ok) { OnSent(ok); }

void SubscribeReactor::OnCancel() { stop_(); }

void SubscribeReactor::OnDone() {
  {
    absl::MutexLock lock(&mutex_);
    done_ = true;
  }
  give_up_.Cancel();
  // May delete this, at the end of the statement.
  std::exchange(self_, nullptr).reset();
}

void SubscribeReactor::OnSent(bool ok) {
  {
    absl::MutexLock lock(&mutex_);
    state_ = State::kIdle;
    if (!ok) broken_ = true;
  }
  if (!ok) stop_();
  Advance();
}

void SubscribeReactor::GiveUpSoon() {
  give_up_.Set(absl::ToChronoTime(absl::Now() + kPatience),
               [self = shared_from_this()](bool due) {
                 if (!due) return;
                 // Locked, so that the call cannot end in between; gRPC reports
                 // what comes of it elsewhere.
                 absl::MutexLock lock(&self->mutex_);
                 if (!self->done_) self->context_.TryCancel();
               });
}

void SubscribeReactor::Advance() {
  EventQueue::Popped next;
  {
    absl::MutexLock lock(&mutex_);
    if (state_ == State::kBusy && !giving_up_ && queue_->abandoned()) {
      giving_up_ = true;
      GiveUpSoon();
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
    outgoing_ = SerializeResponse(*event);
    StartWrite(&outgoing_);
  } else {
    Finish(ToGrpcStatus(std::get<absl::Status>(next)));
  }
}

}  // namespace mentiond
