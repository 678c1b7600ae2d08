#include "client/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace mentiond {
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

absl::Status FileError(const char* doing, const std::string& path) {
  const int error = errno;
  return absl::ErrnoToStatus(error, absl::StrCat("cannot ", doing, " ", path));
}

absl::StatusOr<std::string> ReadUpTo(int fd, size_t most,
                                     const std::string& path) {
  std::string content;
  std::array<char, 16384> buffer;
  while (content.size() < most) {
    const size_t wanted = std::min(buffer.size(), most - content.size());
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
      beside_(absl::StrCat(path_, ".new")),
      safety_(safety) {}

AtomicFile::~AtomicFile() {
  if (prepared_) unlink(beside_.c_str());
}

absl::StatusOr<std::string> AtomicFile::Read(size_t most) const {
  // Not blocking: a FIFO of that name must not keep the program from starting.
  const int fd = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return FileError("open", path_);
  const auto closed = absl::MakeCleanup([fd] { close(fd); });
  return ReadUpTo(fd, most, path_);
}

absl::Status AtomicFile::Prepare(std::string_view content) {
  // Of a run that was killed, or somebody's trap.
  unlink(beside_.c_str());
  // In the same folder, as a rename cannot leave its file system.
  const int fd =
      open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return FileError("create", beside_);
  prepared_ = true;
  const auto closed = absl::MakeCleanup([fd] { close(fd); });
  if (absl::Status status = WriteAll(fd, content, beside_); !status.ok()) {
    return status;
  }
  if (safety_ == Safety::kPowerLoss && fsync(fd) != 0) {
    return FileError("sync", beside_);
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::Commit() {
  if (rename(beside_.c_str(), path_.c_str()) != 0) {
    return FileError("replace", path_);
  }
  prepared_ = false;
  if (safety_ == Safety::kPowerLoss) SyncFolder(path_);
  return absl::OkStatus();
}

void AtomicFile::Remove() { unlink(path_.c_str()); }

}  // namespace mentiond
