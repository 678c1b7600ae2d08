// Explains why a stream ended, and what the user can do about it.

#ifndef MENTIOND_CLIENT_TERMINAL_STATUS_MESSAGE_H_
#define MENTIOND_CLIENT_TERMINAL_STATUS_MESSAGE_H_

#include <string>

#include "absl/status/status.h"

namespace mentiond::terminal {

// What is known about the stream that ended.
struct StatusContext {
  std::string server;
  std::string repo;
  // Whether a GitHub token was given.
  bool has_token = false;
  // Whether a connection to the server was established.
  bool reached = false;
  // Whether events were received before the stream ended.
  bool had_events = false;
};

// One or two lines without a trailing newline: the reason with advice, for
// every code with which the service or the network can end a stream, and below
// it the server's own message, made safe to print. `status` must not be OK.
std::string StatusMessage(const absl::Status& status,
                          const StatusContext& context);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_STATUS_MESSAGE_H_
