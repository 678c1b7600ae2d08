#include "server/watched_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace mentiond {

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  constexpr size_t kMaxBytes = 1 << 20;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path,
                                            errno != 0 ? ": " : "",
                                            errno != 0 ? strerror(errno) : ""));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMaxBytes) {
    return absl::NotFoundError(absl::StrCat(path, " is too large"));
  }
  return text;
}

}  // namespace mentiond
