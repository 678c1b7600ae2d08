// Why a stream ended, and what a person can do about it.

#ifndef MENTIOND_CLIENT_STATUS_WORDS_H_
#define MENTIOND_CLIENT_STATUS_WORDS_H_

#include <string>

#include "absl/status/status.h"

namespace mentiond {

// What was asked of whom.
struct StatusContext {
  std::string server;
  std::string repo;
  // Whether a GitHub token was given.
  bool has_token = false;
  // Whether the server was reached at all.
  bool reached = false;
  // Whether events had come before the end.
  bool had_events = false;
};

// One or two lines without a line end: the reason with advice, in words for
// each code that the service or the way to it can end a stream with, and below
// it what the server itself says, made safe to print. `status` is not OK.
std::string StatusWords(const absl::Status& status,
                        const StatusContext& context);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_STATUS_WORDS_H_
