// How subscriptions connect to a server, authenticate, and recover.

#ifndef MENTIOND_CLIENT_OPTIONS_H_
#define MENTIOND_CLIENT_OPTIONS_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/security/credentials.h"

#include "lib/base/backoff.h"
#include "lib/base/clock.h"

namespace mentiond::client {

// Returns a GitHub token that is valid now; empty: the request's own is used.
// For tokens that expire: called before the first stream is opened, again
// before a token expires, and after GitHub has rejected one. One call at a
// time, on a thread that does nothing else, so it may take a while, but it must
// return: the destructor of what calls it waits for that.
using TokenSource = std::function<absl::StatusOr<std::string>()>;

struct Options {
  std::string server;  // HOST:PORT
  // For TLS; null: the connection is not encrypted.
  std::shared_ptr<grpc::ChannelCredentials> credentials = nullptr;
  // Null: each request's own token, if it has one, is used for as long as
  // GitHub accepts it.
  TokenSource token_source = nullptr;
  // The delay between attempts; at least the server's RetryInfo.
  BackoffPolicy reconnect = {.initial = absl::Seconds(1),
                             .cap = absl::Seconds(30)};
  UniformRandom random = &RealUniformRandom;
  // How late a heartbeat may be. One is expected within two poll intervals, and
  // later accordingly if a Delayed announces that.
  absl::Duration heartbeat_grace = absl::Seconds(30);
  // Null: the system's. Used by the thread that runs the subscriptions.
  Clock* clock = nullptr;
};

}  // namespace mentiond::client

#endif  // MENTIOND_CLIENT_OPTIONS_H_
