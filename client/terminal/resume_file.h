// Stores a stream's last resume token in a file, for the next run.
//
// The file contains the token and a newline, nothing else. The token is not a
// secret, but the file is readable only by its owner, because it reveals what
// is being watched.

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
  // A token is at most 4 KiB of printable ASCII, as mentions.proto guarantees.
  static constexpr size_t kMaxTokenBytes = 4096;

  // Does not access the file system.
  explicit ResumeFile(const std::string& path)
      : file_(path, AtomicFile::Safety::kPowerLoss) {}

  // The token in the file; empty if the file does not exist or is empty.
  // INVALID_ARGUMENT if the content cannot be a token; another error if the
  // file cannot be read.
  absl::StatusOr<std::string> Read();

  // Replaces the token in two steps. Prepare() does most of the work, so that
  // as little time as possible passes between an action of the caller and the
  // Commit() that belongs to it. An empty token and the token that is already
  // saved change nothing. After a crash at any point the file contains either
  // the old or the new token. INVALID_ARGUMENT if Read() would reject the
  // token; another error if the file cannot be written.
  absl::Status Prepare(std::string_view token);
  absl::Status Commit();

  // Prepare() and Commit().
  absl::Status Save(std::string_view token);

  // The token that was last read or committed.
  const std::string& saved() const { return saved_; }

 private:
  AtomicFile file_;
  std::string saved_;
  std::string prepared_;  // empty: none
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_RESUME_FILE_H_
