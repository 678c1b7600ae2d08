// Where output is written: a file descriptor, or a buffer in tests.

#ifndef MENTIOND_CLIENT_TERMINAL_SINK_H_
#define MENTIOND_CLIENT_TERMINAL_SINK_H_

#include <string_view>

#include "absl/status/status.h"

namespace mentiond::terminal {

// The reader of the output has closed it (as in `mentions ... | head -1`):
// FAILED_PRECONDITION, with a payload by which IsOutputClosed() tells it from
// other errors with that code.
absl::Status OutputClosedError();
bool IsOutputClosed(const absl::Status& status);

class Sink {
 public:
  virtual ~Sink() = default;

  // Writes all of `bytes`, unbuffered. OutputClosedError() if the reader has
  // closed the output, CANCELLED if stopped while waiting for the reader,
  // otherwise the error of the system call.
  virtual absl::Status Write(std::string_view bytes) = 0;
};

// Writes to a file descriptor, which it does not own. The program must ignore
// SIGPIPE. Not thread-safe.
class FdSink : public Sink {
 public:
  // Once `stop_fd` is readable, Write() no longer waits for the reader.
  FdSink(int fd, int stop_fd) : fd_(fd), stop_fd_(stop_fd) {}

  absl::Status Write(std::string_view bytes) override;

 private:
  const int fd_;
  const int stop_fd_;
};

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_SINK_H_
