// Recognizes servers on the local machine.

#ifndef MENTIOND_CLIENT_INTERNAL_LOOPBACK_H_
#define MENTIOND_CLIENT_INTERNAL_LOOPBACK_H_

#include <string>

#include "absl/strings/match.h"

namespace mentiond::client {

// Whether the HOST:PORT `server` names the loopback interface, so that nothing
// sent to it leaves the machine.
inline bool IsLoopback(const std::string& server) {
  return absl::StartsWith(server, "127.") ||
         absl::StartsWith(server, "localhost:") ||
         absl::StartsWith(server, "[::1]:");
}

}  // namespace mentiond::client

#endif  // MENTIOND_CLIENT_INTERNAL_LOOPBACK_H_
