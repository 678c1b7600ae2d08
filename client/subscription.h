// The mentions of one user in one repository, for any C++ program:
//
//   class Printer : public mentiond::client::SubscriptionListener { ... };
//   mentiond::client::Subscription subscription(
//       {.server = "127.0.0.1:50051"}, request);
//   subscription.Start(printer);   // on a thread of its own
//   ...
//   subscription.Cancel();
//   subscription.Join();
//
// For several repositories, see SubscriptionSet, of which this is one with a
// single member.

#ifndef MENTIOND_CLIENT_SUBSCRIPTION_H_
#define MENTIOND_CLIENT_SUBSCRIPTION_H_

#include <thread>

#include "client/options.h"
#include "client/subscription_listener.h"
#include "client/subscription_set.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond::client {

// Call Run(), or Start() and Join(), once. Cancel() is thread-safe.
class Subscription {
 public:
  // As SubscriptionSet::Add().
  Subscription(Options options, ::mentions::v1::SubscribeRequest request);
  // Run() must have returned, or Join().
  ~Subscription() = default;
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // As SubscriptionSet::Run().
  SubscriptionEnd Run(SubscriptionListener& listener);

  // Run() on a dedicated thread.
  void Start(SubscriptionListener& listener);
  SubscriptionEnd Join();

  // As SubscriptionSet::Cancel().
  void Cancel() { set_.Cancel(); }

 private:
  SubscriptionSet set_;
  ::mentions::v1::SubscribeRequest request_;
  SubscriptionEnd end_;
  std::thread thread_;
};

}  // namespace mentiond::client

#endif  // MENTIOND_CLIENT_SUBSCRIPTION_H_
