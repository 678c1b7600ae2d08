// Subscriptions to any number of repositories, over one connection and on one
// thread. Each survives lost connections, restarts of the server and expired
// tokens: it resumes where it was, so that its listener receives every event
// exactly once. One that fails permanently does not affect the others.

#ifndef MENTIOND_CLIENT_SUBSCRIPTION_SET_H_
#define MENTIOND_CLIENT_SUBSCRIPTION_SET_H_

#include <memory>

#include "client/options.h"
#include "client/subscription_listener.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond::client {

class SubscriptionSet {
 public:
  explicit SubscriptionSet(Options options);
  // Run() must have returned.
  ~SubscriptionSet();
  SubscriptionSet(const SubscriptionSet&) = delete;
  SubscriptionSet& operator=(const SubscriptionSet&) = delete;

  // Adds a subscription, before Run(). The request is sent on every stream,
  // with the resume token of the last event once there is one; it may contain
  // the token to start with. `listener` must outlive Run().
  void Add(::mentions::v1::SubscribeRequest request,
           SubscriptionListener& listener);

  // Passes every event to its listener until each subscription has been
  // cancelled, its listener has returned an error, or it has failed
  // permanently. If the server cannot be reached before it was ever reached,
  // that is permanent as well, because the address may be wrong. Blocks, and
  // calls the listeners on this thread. Call it once.
  void Run();

  // Makes Run() return soon, even if Run() is called later. Any thread; never
  // blocks, and may be called repeatedly and by a listener.
  void Cancel();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace mentiond::client

#endif  // MENTIOND_CLIENT_SUBSCRIPTION_SET_H_
