// One open Subscribe call: takes events from its queue and writes them to the
// client.
//
// A state machine with one transition function, Advance(), which is called
// after every change of its inputs. At most one write is in progress. Finish()
// is called once, never during a write, and only after the poller has closed
// the queue, so that a finished call no longer has a poller.

#ifndef MENTIOND_SERVER_SUBSCRIBE_REACTOR_H_
#define MENTIOND_SERVER_SUBSCRIBE_REACTOR_H_

#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/alarm.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

#include "lib/metrics/metrics.h"
#include "lib/subscription/event_queue.h"
#include "server/open_calls.h"

namespace mentiond {

// What is told of every call.
struct CallWatch {
  Metrics& metrics;
  OpenCalls& calls;
};

class SubscribeReactor final
    : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
      public std::enable_shared_from_this<SubscribeReactor> {
 public:
  // The reactor keeps itself alive until OnDone(). `queue` is the stream's
  // queue, without a listener; `watch` outlives the reactor.
  static std::shared_ptr<SubscribeReactor> Create(
      std::shared_ptr<EventQueue> queue, grpc::CallbackServerContext& context,
      const CallWatch& watch);

  // Sends the call's initial metadata, then events. `stop` must tell the poller
  // to stop; it is called when the client no longer reads, from any thread and
  // possibly more than once.
  void Start(std::function<void()> stop);

  void OnSendInitialMetadataDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  enum class State {
    kBusy,      // a write is in progress
    kIdle,      // nothing to send
    kFinished,  // Finish() was called: no further operations are allowed
  };

  SubscribeReactor(std::shared_ptr<EventQueue> queue,
                   grpc::CallbackServerContext& context, const CallWatch& watch)
      : queue_(std::move(queue)), context_(context), watch_(watch) {}

  // A write has completed, or failed.
  void OnSent(bool ok);
  // Schedules the end of a call whose queue was abandoned while a write is
  // blocked on a client that does not read: the status can be sent only after
  // that write, which may never complete.
  void ScheduleAbort() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Starts the next operation, if there is one and none is in progress.
  void Advance();

  const std::shared_ptr<EventQueue> queue_;
  grpc::CallbackServerContext& context_;  // valid until OnDone()
  const CallWatch& watch_;
  std::function<void()> stop_;
  std::shared_ptr<SubscribeReactor> self_;
  // gRPC reads it until OnWriteDone(); then it is emptied, as streams are idle
  // most of the time. Written only by the thread that changed the state to
  // kBusy, or from it.
  grpc::ByteBuffer outgoing_;

  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kBusy;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;  // a write has failed
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  // Null: the end has not been scheduled. Streams that need it are few.
  std::unique_ptr<grpc::Alarm> abort_alarm_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_SUBSCRIBE_REACTOR_H_
