// What a subscription reports to the program that opened it.

#ifndef MENTIOND_CLIENT_SUBSCRIPTION_LISTENER_H_
#define MENTIOND_CLIENT_SUBSCRIPTION_LISTENER_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond::client {

// Why a subscription ended.
struct SubscriptionEnd {
  enum class By {
    // The server or the network; `status` is the reason.
    kServer,
    // The listener; `status` is the error that it returned.
    kListener,
    // The token source; `status` is the error that it returned.
    kTokenSource,
    // Cancel().
    kCancel,
  };

  By by = By::kCancel;
  absl::Status status = absl::CancelledError("cancelled");
  // Whether a connection to the server was ever established.
  bool reached = false;
};

// Called only by the thread that runs the subscription.
class SubscriptionListener {
 public:
  virtual ~SubscriptionListener() = default;

  // The server has accepted the stream; `stream_id` identifies it there. Called
  // again for each stream that continues the subscription. Not called if the
  // server does not send the id.
  virtual void OnConnected(std::string_view stream_id) { (void)stream_id; }

  // The next event. The following one is read only after this returns, so that
  // a slow listener exerts backpressure on the server. An error ends the
  // subscription.
  virtual absl::Status OnEvent(
      const ::mentions::v1::SubscribeResponse& response) = 0;

  // The stream was lost or could not be opened, for a transient reason. The
  // next attempt follows after `wait` and resumes it.
  virtual void OnDisconnected(const absl::Status& reason, absl::Duration wait) {
    (void)reason;
    (void)wait;
  }

  // The last call: nothing more will be received.
  virtual void OnEnd(const SubscriptionEnd& end) { (void)end; }
};

}  // namespace mentiond::client

#endif  // MENTIOND_CLIENT_SUBSCRIPTION_LISTENER_H_
