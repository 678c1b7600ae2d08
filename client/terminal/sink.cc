#include "client/terminal/sink.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/strings/cord.h"

namespace mentiond::terminal {
namespace {

// The code alone is ambiguous: some errno values map to it as well.
constexpr char kOutputClosed[] = "mentiond/output-closed";

}  // namespace

absl::Status OutputClosedError() {
  absl::Status status =
      absl::FailedPreconditionError("the output has been closed");
  status.SetPayload(kOutputClosed, absl::Cord());
  return status;
}

bool IsOutputClosed(const absl::Status& status) {
  return status.GetPayload(kOutputClosed).has_value();
}

absl::Status FdSink::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    std::array<pollfd, 2> polled = {{
        {.fd = fd_, .events = POLLOUT, .revents = 0},
        {.fd = stop_fd_, .events = POLLIN, .revents = 0},
    }};
    if (poll(polled.data(), polled.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return absl::ErrnoToStatus(errno, "cannot write the output");
    }
    if (polled[0].revents == 0) {
      return absl::CancelledError("stopped while the output was not read");
    }
    // A pipe that polls as writable accepts this much without blocking; see
    // pipe(7).
    const size_t piece = std::min<size_t>(bytes.size(), PIPE_BUF);
    const ssize_t wrote = write(fd_, bytes.data(), piece);
    if (wrote >= 0) {
      bytes.remove_prefix(static_cast<size_t>(wrote));
    } else if (errno == EPIPE) {
      return OutputClosedError();
    } else if (errno != EINTR && errno != EAGAIN) {
      return absl::ErrnoToStatus(errno, "cannot write the output");
    }
  }
  return absl::OkStatus();
}

}  // namespace mentiond::terminal
