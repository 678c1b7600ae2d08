// A single Subscribe call to a mentiond server. The only part of the client
// that uses gRPC; its interface does not.

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
    // The server or the network; `status` is the reason.
    kServer,
    // The listener; `status` is the error that it returned.
    kListener,
    // Cancel().
    kCancel,
  };

  By by = By::kServer;
  absl::Status status;
  // Whether a connection to the server was established.
  bool reached = false;
  // The delay before a retry that the server requested (RetryInfo), if any.
  std::optional<absl::Duration> retry_delay = std::nullopt;
};

// A channel to a server, for consecutive calls.
class ServerChannel {
 public:
  // Does not connect yet. `server` is HOST:PORT.
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

  // Subscribes and passes every event to `listener` until the stream ends.
  // Blocks. Call it once, from any thread.
  SubscriptionEnd Run(SubscriptionListener& listener);

  // Makes Run() return soon, even if Run() is called later. Thread-safe, never
  // blocks, and may be called repeatedly and by the listener.
  void Cancel();

 private:
  const ::mentions::v1::SubscribeRequest request_;
  const std::shared_ptr<grpc::Channel> channel_;

  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  // The call in progress, if any.
  grpc::ClientContext* call_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_STREAM_CALL_H_
