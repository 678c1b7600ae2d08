#include "client/terminal/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace mentiond::terminal {
namespace {

absl::Status WriteAll(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t wrote = write(fd, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return FileError("write", path);
    text.remove_prefix(static_cast<size_t>(wrote));
  }
  return absl::OkStatus();
}

// Makes a rename in the directory of `path` durable. Failures are ignored: some
// file systems cannot sync a directory.
void SyncDirectory(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory =
      slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

absl::Status FileError(const char* action, const std::string& path) {
  const int error = errno;
  return absl::ErrnoToStatus(error, absl::StrCat("cannot ", action, " ", path));
}

absl::StatusOr<std::string> ReadUpTo(int fd, size_t limit,
                                     const std::string& path) {
  std::string content;
  std::array<char, 16384> buffer;
  while (content.size() < limit) {
    const size_t wanted = std::min(buffer.size(), limit - content.size());
    const ssize_t got = read(fd, buffer.data(), wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("read", path);
    if (got == 0) break;
    content.append(buffer.data(), static_cast<size_t>(got));
  }
  return content;
}

AtomicFile::AtomicFile(std::string path, Safety safety)
    : path_(std::move(path)),
      new_path_(absl::StrCat(path_, ".new")),
      safety_(safety) {}

AtomicFile::~AtomicFile() {
  if (prepared_) unlink(new_path_.c_str());
}

absl::StatusOr<std::string> AtomicFile::Read(size_t limit) const {
  // Non-blocking, so that a FIFO at this path cannot hang the program.
  const int fd = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return FileError("open", path_);
  const auto closer = absl::MakeCleanup([fd] { close(fd); });
  return ReadUpTo(fd, limit, path_);
}

absl::Status AtomicFile::Prepare(std::string_view content) {
  // A leftover of a killed run, or a symbolic link planted by someone else.
  unlink(new_path_.c_str());
  // In the same directory, because rename(2) cannot cross file systems.
  const int fd =
      open(new_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return FileError("create", new_path_);
  prepared_ = true;
  const auto closer = absl::MakeCleanup([fd] { close(fd); });
  if (absl::Status status = WriteAll(fd, content, new_path_); !status.ok()) {
    return status;
  }
  if (safety_ == Safety::kPowerLoss && fsync(fd) != 0) {
    return FileError("sync", new_path_);
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::Commit() {
  if (rename(new_path_.c_str(), path_.c_str()) != 0) {
    return FileError("replace", path_);
  }
  prepared_ = false;
  if (safety_ == Safety::kPowerLoss) SyncDirectory(path_);
  return absl::OkStatus();
}

void AtomicFile::Remove() { unlink(path_.c_str()); }

}  // namespace mentiond::terminal
