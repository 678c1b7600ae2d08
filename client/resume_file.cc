#include "client/resume_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace mentiond {
namespace {

absl::Status Failed(const char* doing, const std::string& path) {
  const int error = errno;
  return absl::ErrnoToStatus(error, absl::StrCat("cannot ", doing, " ", path));
}

bool IsToken(std::string_view token) {
  return token.size() <= ResumeFile::kLongestToken &&
         std::all_of(token.begin(), token.end(), [](char c) {
           return absl::ascii_isprint(static_cast<unsigned char>(c));
         });
}

absl::Status WriteAll(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t wrote = write(fd, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return Failed("write", path);
    text.remove_prefix(static_cast<size_t>(wrote));
  }
  if (fsync(fd) != 0) return Failed("sync", path);
  return absl::OkStatus();
}

// Makes a rename in the folder of `path` last. Some file systems cannot sync a
// folder; they are left to their own ways.
void SyncFolder(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder =
      slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

absl::StatusOr<std::string> ResumeFile::Read() const {
  // Not blocking: a FIFO of that name must not keep the program from starting.
  const int fd = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return "";
  if (fd < 0) return Failed("open", path_);
  const auto closed = absl::MakeCleanup([fd] { close(fd); });
  std::string content;
  std::array<char, 1024> buffer;
  // One byte more than a token with its line end may have tells all too long.
  while (content.size() <= kLongestToken + 1) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", path_);
    if (got == 0) break;
    content.append(buffer.data(), static_cast<size_t>(got));
  }
  while (!content.empty() &&
         (content.back() == '\n' || content.back() == '\r')) {
    content.pop_back();
  }
  if (!IsToken(content)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path_,
                     " holds no resume token; name another file, or "
                     "remove it to start from the beginning"));
  }
  return content;
}

absl::Status ResumeFile::Keep(std::string_view token) {
  if (token.empty() || token == kept_) return absl::OkStatus();
  if (!IsToken(token)) {
    return absl::InvalidArgumentError("the server sent no valid resume token");
  }
  // In the same folder, as a rename cannot leave its file system.
  std::string beside = absl::StrCat(path_, ".XXXXXX");
  const int fd = mkostemp(beside.data(), O_CLOEXEC);
  if (fd < 0) return Failed("create a file beside", path_);
  absl::Cleanup removed = [&beside] { unlink(beside.c_str()); };
  absl::Status written = WriteAll(fd, std::string(token).append("\n"), beside);
  close(fd);
  if (!written.ok()) return written;
  if (rename(beside.c_str(), path_.c_str()) != 0) {
    return Failed("replace", path_);
  }
  std::move(removed).Cancel();
  SyncFolder(path_);
  kept_ = std::string(token);
  return absl::OkStatus();
}

}  // namespace mentiond
