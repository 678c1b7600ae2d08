// The file that keeps a stream's last resume token from one run to the next.
//
// It holds the token and a line end, nothing else. The token is no secret, but
// the file is only readable by its owner, as it tells what is being watched.

#ifndef MENTIOND_CLIENT_RESUME_FILE_H_
#define MENTIOND_CLIENT_RESUME_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "client/atomic_file.h"

namespace mentiond {

class ResumeFile {
 public:
  // A token is at most 4 KiB of printable ASCII (the service's contract).
  static constexpr size_t kLongestToken = 4096;

  // Touches no file yet.
  explicit ResumeFile(const std::string& path)
      : file_(path, AtomicFile::Safety::kPowerLoss) {}

  // The token in the file; empty when there is no file or nothing in it.
  // INVALID_ARGUMENT when what is there cannot be a token; another error when
  // the file cannot be read.
  absl::StatusOr<std::string> Read();

  // Replaces the file's token in two steps, of which the second is as short as
  // can be: what is to happen together with it goes in between. An empty token
  // or the one kept last changes nothing. After a crash at any time the file
  // holds the old or the new one, whole. INVALID_ARGUMENT for what Read() would
  // not take; another error when it cannot be written.
  absl::Status Prepare(std::string_view token);
  absl::Status Commit();

  // Both at once.
  absl::Status Keep(std::string_view token);

  // The token read, or committed last.
  const std::string& kept() const { return kept_; }

 private:
  AtomicFile file_;
  std::string kept_;
  std::string prepared_;  // empty: nothing is
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_RESUME_FILE_H_
