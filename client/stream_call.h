// One Subscribe call to a mentiond server: the one part of the client that
// speaks gRPC, and no gRPC in its interface.

#ifndef MENTIOND_CLIENT_STREAM_CALL_H_
#define MENTIOND_CLIENT_STREAM_CALL_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "client/subscription_listener.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace mentiond {

// How a call, or a subscription as a whole, ended.
struct SubscriptionEnd {
  enum class By {
    // The server, or the way to it; `status` says why.
    kServer,
    // The listener; `status` is what it returned.
    kListener,
    // Cancel().
    kCancel,
  };

  By by = By::kServer;
  absl::Status status;
  // Whether a connection to the server came about.
  bool reached = false;
  // When the server says it may be tried again; nullopt: it does not say.
  std::optional<absl::Duration> retry_delay = std::nullopt;
};

// The way to a server, for one call after another.
class ServerChannel {
 public:
  // Connects to nothing yet. `server` is HOST:PORT.
  explicit ServerChannel(const std::string& server);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

class StreamCall {
 public:
  StreamCall(const ServerChannel& server,
             ::mentions::v1::SubscribeRequest request);

  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  // Run() must have returned.
  ~StreamCall();

  // Subscribes, and tells `listener` of every event until the stream ends.
  // To be called once, by any thread, which it blocks.
  SubscriptionEnd Run(SubscriptionListener& listener);

  // Makes Run() return soon, also when it is called later. Thread-safe, never
  // blocks, may be called more than once and from within the listener.
  void Cancel();

 private:
  const ::mentions::v1::SubscribeRequest request_;
  const std::shared_ptr<grpc::Channel> channel_;

  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  // The call that is under way, if any.
  grpc::ClientContext* call_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_STREAM_CALL_H_
