// One subscription: a sequence of calls, each of which continues where the last
// one ended.

#ifndef MENTIOND_CLIENT_INTERNAL_RESUMING_STREAM_H_
#define MENTIOND_CLIENT_INTERNAL_RESUMING_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"

#include "client/internal/stream_call.h"
#include "client/internal/token_keeper.h"
#include "client/options.h"
#include "client/subscription_listener.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond::client {

// Whether a retry may succeed: the network and the server can recover, but an
// invalid request stays invalid.
bool CanRetry(const absl::Status& status);

// Loop thread only. What is passed by reference outlives it.
class ResumingStream {
 public:
  ResumingStream(const Options& options, Clock& clock,
                 std::shared_ptr<grpc::Channel> channel, TokenKeeper& tokens,
                 ::mentions::v1::SubscribeRequest request,
                 SubscriptionListener& listener);

  // Runs until the subscription ends, or the coroutine is cancelled; then tells
  // the listener. Call it once.
  asio::awaitable<void> Run();

 private:
  // How one attempt ended.
  struct Attempt {
    SubscriptionEnd end;
    // The listener has accepted an event.
    bool progress = false;
    // Ended by us, to continue with another token.
    bool renewed = false;
    // GitHub has rejected the token.
    bool rejected = false;
    std::optional<absl::Duration> retry_delay;
  };

  asio::awaitable<SubscriptionEnd> RunAttempts();
  asio::awaitable<Attempt> Connect(const TokenKeeper::Issued& token);
  // Passes events to the listener until there is a reason to end the call, and
  // sets that. OK: the call has ended.
  asio::awaitable<absl::Status> ReadEvents(StreamCall& call, uint64_t token,
                                           Attempt& attempt);
  absl::Status Deliver(StreamCall& call, Attempt& attempt);
  // Whether the source has another token than `token`. If not, the next
  // attempt to get one is due a little later.
  asio::awaitable<bool> HasNewToken(uint64_t token);

  void UpdateDeadlines(const ::mentions::v1::SubscribeResponse& response);
  // How long the next event may take; absl::InfiniteDuration(): no limit.
  absl::Duration MaxSilence(const ::mentions::v1::SubscribeResponse& response);

  const Options& options_;
  Clock& clock_;
  const std::shared_ptr<grpc::Channel> channel_;
  TokenKeeper& tokens_;
  ::mentions::v1::SubscribeRequest request_;
  SubscriptionListener& listener_;

  // The longest that a heartbeat has announced; not set: none received yet.
  std::optional<absl::Duration> poll_interval_;
  absl::Time polled_at_ = absl::InfinitePast();  // by the last heartbeat
  // Of the current attempt: when it began; when the server counts as dead; when
  // the token expires, at what part of its life until then to look for another
  // one, and when that is.
  absl::Time began_at_;
  absl::Time silent_at_;
  absl::Time token_expires_at_;
  double renew_after_ = 0;
  absl::Time renew_at_;
};

}  // namespace mentiond::client

#endif  // MENTIOND_CLIENT_INTERNAL_RESUMING_STREAM_H_
