// The callbacks of a subscription. Independent of gRPC.

#ifndef MENTIOND_CLIENT_SUBSCRIPTION_LISTENER_H_
#define MENTIOND_CLIENT_SUBSCRIPTION_LISTENER_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// Called only by the thread that runs Subscription::Run().
class SubscriptionListener {
 public:
  virtual ~SubscriptionListener() = default;

  // The server has accepted the stream; `stream_id` identifies it there. Not
  // called if the server does not send the id; some servers send it only with
  // the first event.
  virtual void OnConnected(std::string_view stream_id) = 0;

  // The connection was lost or could not be established, for a transient
  // reason. The next attempt follows after `wait` and resumes the stream.
  virtual void OnDisconnected(const absl::Status& reason, absl::Duration wait) {
    (void)reason;
    (void)wait;
  }

  // The next event. The following one is read only after this returns, so that
  // a slow listener exerts backpressure on the server. An error ends the
  // subscription.
  virtual absl::Status OnEvent(
      const ::mentions::v1::SubscribeResponse& response) = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_SUBSCRIPTION_LISTENER_H_
