// A file whose content is replaced atomically: readers see either the old or
// the new content, even after a crash.

#ifndef MENTIOND_CLIENT_TERMINAL_ATOMIC_FILE_H_
#define MENTIOND_CLIENT_TERMINAL_ATOMIC_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mentiond::terminal {

// "cannot ACTION PATH", with the code that corresponds to errno.
absl::Status FileError(const char* action, const std::string& path);

// Reads from the current offset of `fd` to its end, but at most `limit` bytes.
// Errors name `path`.
absl::StatusOr<std::string> ReadUpTo(int fd, size_t limit,
                                     const std::string& path);

// Not thread-safe; one program at a time may replace the file.
class AtomicFile {
 public:
  // What a commit survives. kCrash: a crash of the program. kPowerLoss: a crash
  // of the machine as well, which takes a few milliseconds per commit.
  enum class Safety { kCrash, kPowerLoss };

  // Does not access the file system.
  AtomicFile(std::string path, Safety safety);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  // Discards content that was prepared but not committed.
  ~AtomicFile();

  const std::string& path() const { return path_; }

  // Reads at most the first `limit` bytes. NOT_FOUND if there is no file.
  absl::StatusOr<std::string> Read(size_t limit) const;

  // Writes the next content to PATH.new, readable by its owner only. Replaces
  // content that was prepared before.
  absl::Status Prepare(std::string_view content);
  // Replaces the file with the prepared content in a single system call;
  // anything after that only makes the change durable.
  absl::Status Commit();

  // Deletes the file, if there is one.
  void Remove();

 private:
  const std::string path_;
  const std::string new_path_;
  const Safety safety_;
  bool prepared_ = false;
};

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_ATOMIC_FILE_H_
