// Gets a GitHub token from a program that knows one: `gh auth token`, a
// password manager, or a script that creates an installation token.

#ifndef MENTIOND_CLIENT_TERMINAL_TOKEN_COMMAND_H_
#define MENTIOND_CLIENT_TERMINAL_TOKEN_COMMAND_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace mentiond::terminal {

// Runs `command` with the shell and returns what it prints on standard output,
// without white space around it. Its standard error is this program's. Errors:
// FAILED_PRECONDITION if it fails or prints nothing, DEADLINE_EXCEEDED if it
// does not end within `timeout`, CANCELLED if `stop_fd` becomes readable first
// (negative: never), after both of which it is killed; none contains any of its
// output. Blocks; any thread.
absl::StatusOr<std::string> RunTokenCommand(
    const std::string& command, int stop_fd,
    absl::Duration timeout = absl::Seconds(30));

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_TOKEN_COMMAND_H_
