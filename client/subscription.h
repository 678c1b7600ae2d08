// A subscription that lasts: it connects again when the connection breaks, goes
// on where it was, and takes a server that has fallen silent for dead. For any
// C++ program that wants mentions; the sample program prints them.
//
//   class Printer : public mentiond::SubscriptionListener { ... };
//   mentiond::Subscription subscription({.server = "127.0.0.1:50051",
//                                        .request = request});
//   subscription.Start(printer);   // on a thread of its own
//   ...
//   subscription.Cancel();
//   subscription.Join();

#ifndef MENTIOND_CLIENT_SUBSCRIPTION_H_
#define MENTIOND_CLIENT_SUBSCRIPTION_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "client/stream_call.h"
#include "client/subscription_listener.h"
#include "lib/base/backoff.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

struct SubscriptionOptions {
  std::string server;  // HOST:PORT
  // With the resume token to begin with, if there is one.
  ::mentions::v1::SubscribeRequest request;
  // Between attempts to connect; a server's RetryInfo counts as the least.
  BackoffPolicy reconnect = {.initial = absl::Seconds(1),
                             .cap = absl::Seconds(30)};
  UniformRandom random = &RealUniformRandom;
  // How much later than expected a heartbeat may be; one is expected within two
  // poll intervals, or by the time that a Delayed says.
  absl::Duration heartbeat_grace = absl::Seconds(30);
  // The wall clock. Called from several threads.
  std::function<absl::Time()> now = &absl::Now;
};

// Whether trying again can mend that end: the way to the server and the server
// itself can come back; a wrong request stays wrong.
bool CanRetry(const absl::Status& status);

// Run (or Start and Join) once; Cancel from any thread.
class Subscription {
 public:
  explicit Subscription(SubscriptionOptions options);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  // Run() must have returned, or Join().
  ~Subscription();

  // Tells `listener` of every event, each once, until it is cancelled, the
  // listener ends it, or what happened lasts. The first attempt must reach the
  // server: an address that is wrong would be tried for ever. Blocks.
  SubscriptionEnd Run(SubscriptionListener& listener);

  // The same on a thread of its own.
  void Start(SubscriptionListener& listener);
  SubscriptionEnd Join();

  // Makes Run() return soon, also when it is called later. Never blocks, may be
  // called more than once and from within the listener.
  void Cancel();

 private:
  class Watched;

  // One call, from where the last one ended.
  SubscriptionEnd Attempt(SubscriptionListener& listener, bool& progress);
  // False: cancelled.
  bool Wait(absl::Duration delay);

  const SubscriptionOptions options_;
  const ServerChannel server_;
  std::string resume_token_;
  // From the last heartbeat; not set: none yet.
  std::optional<absl::Duration> poll_interval_;

  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  StreamCall* call_ ABSL_GUARDED_BY(mutex_) = nullptr;

  SubscriptionEnd end_;
  std::thread thread_;
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_SUBSCRIPTION_H_
