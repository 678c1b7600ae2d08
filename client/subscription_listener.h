// Who hears of a subscription's events; no gRPC in it.

#ifndef MENTIOND_CLIENT_SUBSCRIPTION_LISTENER_H_
#define MENTIOND_CLIENT_SUBSCRIPTION_LISTENER_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// Called by one thread at a time, the one in Subscription::Run().
class SubscriptionListener {
 public:
  virtual ~SubscriptionListener() = default;

  // The server has accepted the stream and keeps it under this key. Not every
  // server tells before the first event.
  virtual void OnConnected(std::string_view stream_id) = 0;

  // The connection is gone, or was none yet, for a reason that may pass; the
  // next attempt is made after `wait`, and goes on where it was.
  virtual void OnDisconnected(const absl::Status& reason, absl::Duration wait) {
    (void)reason;
    (void)wait;
  }

  // The next event. The one after it is only fetched when this returns, so that
  // a slow listener slows the server down. An error ends the subscription.
  virtual absl::Status OnEvent(
      const ::mentions::v1::SubscribeResponse& response) = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_SUBSCRIPTION_LISTENER_H_
