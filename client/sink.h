// Where output goes: a file descriptor, or a test's record.

#ifndef MENTIOND_CLIENT_SINK_H_
#define MENTIOND_CLIENT_SINK_H_

#include <string_view>

#include "absl/status/status.h"

namespace mentiond {

// That nobody reads the output any more (as after `| head -1`):
// FAILED_PRECONDITION, and to be told from all others of that code.
absl::Status LostReaderError();
bool IsLostReader(const absl::Status& status);

class Sink {
 public:
  virtual ~Sink() = default;

  // Writes all of `bytes`, and has them out when it returns. LostReaderError
  // when nobody reads any more, CANCELLED when it was told to stop while nobody
  // read, otherwise what the system says.
  virtual absl::Status Write(std::string_view bytes) = 0;
};

// Writes to a descriptor, which it does not own. The program must ignore
// SIGPIPE. Not thread-safe.
class FdSink : public Sink {
 public:
  // A writer that waits for a reader gives up once `stop_fd` is readable.
  FdSink(int fd, int stop_fd) : fd_(fd), stop_fd_(stop_fd) {}

  absl::Status Write(std::string_view bytes) override;

 private:
  const int fd_;
  const int stop_fd_;
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_SINK_H_
