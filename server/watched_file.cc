#include "server/watched_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

#include "lib/base/secret.h"

namespace mentiond {
namespace {

struct Closer {
  ~Closer() { close(file); }
  const int file;
};

absl::Status CannotRead(const std::string& path, int error) {
  return absl::NotFoundError(
      absl::StrCat("cannot read ", path, ": ", strerror(error)));
}

// No reallocation by std::string, which frees the old bytes as they are.
void Enlarge(std::string& text, size_t used, size_t size) {
  std::string larger(size, '\0');
  std::memcpy(larger.data(), text.data(), used);
  std::swap(text, larger);
  Wipe(larger);
}

// Reads to the end of the file. Its size is only a hint: it may be growing, and
// some files (pipes, /proc) do not say theirs.
absl::Status ReadAll(int file, const std::string& path, std::string& text) {
  constexpr size_t kLeast = 4096;
  struct stat about {};
  if (fstat(file, &about) != 0) return CannotRead(path, errno);
  const auto size = static_cast<size_t>(about.st_size);
  if (size > kMaxFileBytes) {
    return absl::NotFoundError(absl::StrCat(path, " is too large"));
  }
  // One more, so that the end is found without an enlargement.
  text.assign(size > 0 ? size + 1 : kLeast, '\0');
  size_t used = 0;
  for (;;) {
    if (used == text.size()) Enlarge(text, used, 2 * used);
    const ssize_t more = read(file, text.data() + used, text.size() - used);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return CannotRead(path, errno);
    if (more == 0) break;
    used += static_cast<size_t>(more);
    if (used > kMaxFileBytes) {
      return absl::NotFoundError(absl::StrCat(path, " is too large"));
    }
  }
  text.resize(used);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return CannotRead(path, errno);
  const Closer closer{file};
  std::string text;
  absl::Status status = ReadAll(file, path, text);
  if (!status.ok()) {
    Wipe(text);
    return status;
  }
  return text;
}

}  // namespace mentiond
