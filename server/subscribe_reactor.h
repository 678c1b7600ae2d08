// One open Subscribe call: takes events out of its queue and writes them.
//
// A state machine with one transition function, Advance(): whoever changes what
// it depends on calls it. At most one write is under way; Finish is called
// once, never beside a write, and only when the poller has closed the queue, so
// a finished call has no poller left.

#ifndef MENTIOND_SERVER_SUBSCRIBE_REACTOR_H_
#define MENTIOND_SERVER_SUBSCRIBE_REACTOR_H_

#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/alarm.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

#include "lib/subscription/event_queue.h"

namespace mentiond {

class SubscribeReactor final
    : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
      public std::enable_shared_from_this<SubscribeReactor> {
 public:
  // The reactor keeps itself alive until gRPC is done with it. `queue` is the
  // stream's, with no listener yet.
  static std::shared_ptr<SubscribeReactor> Create(
      std::shared_ptr<EventQueue> queue, grpc::CallbackServerContext& context);

  // Sends the call's initial metadata, then events. `stop` asks the poller to
  // end; it is called, from any thread and perhaps more than once, when nobody
  // reads any more.
  void Start(std::function<void()> stop);

  void OnSendInitialMetadataDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  enum class State {
    kBusy,      // gRPC is sending something
    kIdle,      // nothing to send
    kFinished,  // Finish was called: nothing may be touched any more
  };

  SubscribeReactor(std::shared_ptr<EventQueue> queue,
                   grpc::CallbackServerContext& context)
      : queue_(std::move(queue)), context_(context) {}

  // gRPC has sent something, or could not.
  void OnSent(bool ok);
  // The queue was abandoned while a write waits for a client that does not
  // read: the status can only follow that write. After a while the call is
  // broken off.
  void GiveUpSoon();
  // Does the next thing, if there is one and nothing is under way.
  void Advance();

  const std::shared_ptr<EventQueue> queue_;
  grpc::CallbackServerContext& context_;  // valid until OnDone
  std::function<void()> stop_;
  grpc::Alarm give_up_;
  std::shared_ptr<SubscribeReactor> self_;
  // gRPC reads it until OnWriteDone; only the thread that made the state kBusy
  // sets it.
  grpc::ByteBuffer outgoing_;

  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kBusy;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;  // nobody reads any more
  bool giving_up_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_SUBSCRIBE_REACTOR_H_
