// Whether a server is on this machine.

#ifndef MENTIOND_CLIENT_LOOPBACK_H_
#define MENTIOND_CLIENT_LOOPBACK_H_

#include <string>

#include "absl/strings/match.h"

namespace mentiond {

// Whether the HOST:PORT `server` is one of the names of the loopback interface,
// so that what is sent there leaves the machine in no case.
inline bool IsLoopback(const std::string& server) {
  return absl::StartsWith(server, "127.") ||
         absl::StartsWith(server, "localhost:") ||
         absl::StartsWith(server, "[::1]:");
}

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_LOOPBACK_H_
