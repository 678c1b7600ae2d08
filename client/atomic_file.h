// A file whose content is replaced as a whole: whoever reads it, and whatever
// crashes, sees the old content or the new.

#ifndef MENTIOND_CLIENT_ATOMIC_FILE_H_
#define MENTIOND_CLIENT_ATOMIC_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mentiond {

// "cannot DOING PATH", with the code of errno.
absl::Status FileError(const char* doing, const std::string& path);

// All that `fd` has from where it is, but no more than `most` bytes; errors are
// about `path`.
absl::StatusOr<std::string> ReadUpTo(int fd, size_t most,
                                     const std::string& path);

// Not thread-safe; one program at a time may replace the file.
class AtomicFile {
 public:
  // kCrash: safe from the program's end at any time; kPowerLoss: from the
  // machine's, too, which costs some milliseconds a time.
  enum class Safety { kCrash, kPowerLoss };

  // Touches no file yet.
  AtomicFile(std::string path, Safety safety);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  // What was prepared and not committed is gone.
  ~AtomicFile();

  const std::string& path() const { return path_; }

  // What is in it, but no more than `most` bytes. NOT_FOUND: there is no file.
  absl::StatusOr<std::string> Read(size_t most) const;

  // Writes the next content beside the file, at PATH.new, readable by its owner
  // only. What was prepared before is dropped.
  absl::Status Prepare(std::string_view content);
  // Puts what was prepared in the file's place: one system call, and the rest
  // is only to make it last.
  absl::Status Commit();

  // Does nothing where there is none.
  void Remove();

 private:
  const std::string path_;
  const std::string beside_;
  const Safety safety_;
  bool prepared_ = false;
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_ATOMIC_FILE_H_
