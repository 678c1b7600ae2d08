// A subscription that survives lost connections: it reconnects and resumes
// where it was, and considers a server dead if its heartbeats stop. For any C++
// program that consumes mentions; the sample client prints them.
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
  // Sent on every stream, with the resume token of the last event once there is
  // one. May contain the token to start with.
  ::mentions::v1::SubscribeRequest request;
  // The delay between connection attempts; at least the server's RetryInfo.
  BackoffPolicy reconnect = {.initial = absl::Seconds(1),
                             .cap = absl::Seconds(30)};
  UniformRandom random = &RealUniformRandom;
  // How late a heartbeat may be. One is expected within two poll intervals, and
  // later accordingly if a Delayed announces that.
  absl::Duration heartbeat_grace = absl::Seconds(30);
  // The wall clock. Called from several threads.
  std::function<absl::Time()> now = &absl::Now;
};

// Whether a retry may succeed: the network and the server can recover, but an
// invalid request stays invalid.
bool CanRetry(const absl::Status& status);

// Call Run(), or Start() and Join(), once. Cancel() is thread-safe.
class Subscription {
 public:
  explicit Subscription(SubscriptionOptions options);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  // Run() must have returned, or Join().
  ~Subscription();

  // Passes every event to `listener` exactly once, until the subscription is
  // cancelled, the listener returns an error, or the stream fails permanently.
  // If the first attempt cannot connect, that is permanent as well, because the
  // address may be wrong. Blocks.
  SubscriptionEnd Run(SubscriptionListener& listener);

  // Run() on a dedicated thread.
  void Start(SubscriptionListener& listener);
  SubscriptionEnd Join();

  // Makes Run() return soon, even if Run() is called later. Never blocks, and
  // may be called repeatedly and by the listener.
  void Cancel();

 private:
  class Watchdog;

  // Makes one call that resumes where the last one ended. Sets `progress` to
  // whether the listener accepted an event.
  SubscriptionEnd Attempt(SubscriptionListener& listener, bool& progress);
  // Returns false if cancelled while waiting.
  bool Wait(absl::Duration delay);

  const SubscriptionOptions options_;
  const ServerChannel server_;
  std::string resume_token_;
  // From the last heartbeat; not set: none received yet.
  std::optional<absl::Duration> poll_interval_;

  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  StreamCall* call_ ABSL_GUARDED_BY(mutex_) = nullptr;

  SubscriptionEnd end_;
  std::thread thread_;
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_SUBSCRIPTION_H_
