#include "client/exact_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "lib/base/strings.h"

namespace mentiond {
namespace {

// A record holds one event, and an event is at most one gRPC message.
constexpr size_t kMaxRecordBytes = size_t{64} << 20;
// How much others may have written to the same file before the event, for
// example standard error.
constexpr size_t kOtherOutputBytes = size_t{64} << 10;

}  // namespace

ExactOutput::ExactOutput(Sink& out, int out_fd, const std::string& resume_path)
    : out_(out),
      out_fd_(out_fd),
      resume_(resume_path),
      record_(absl::StrCat(resume_path, ".pending"),
              AtomicFile::Safety::kCrash) {}

std::optional<client::PendingOutput> ExactOutput::OutputPosition() const {
  struct stat info = {};
  if (fstat(out_fd_, &info) != 0 || !S_ISREG(info.st_mode)) {
    return std::nullopt;
  }
  const bool appends = (fcntl(out_fd_, F_GETFL) & O_APPEND) != 0;
  client::PendingOutput position;
  position.set_device(info.st_dev);
  position.set_inode(info.st_ino);
  position.set_offset(appends ? info.st_size : lseek(out_fd_, 0, SEEK_CUR));
  return position;
}

absl::StatusOr<std::string> ExactOutput::Recover() {
  absl::StatusOr<std::string> token = resume_.Read();
  if (!token.ok()) return token;
  const auto record = record_.Read(kMaxRecordBytes);
  client::PendingOutput pending;
  // Without a valid record, no run was killed while printing.
  if (!record.ok() || !pending.ParseFromString(*record) ||
      pending.text().empty() || pending.token_after().empty() ||
      pending.token_before() != *token) {
    return token;
  }
  const std::optional<std::string> printed = FindPrinted(pending);
  if (!printed) return token;
  const absl::string_view rest =
      absl::string_view(pending.text()).substr(printed->size());
  if (absl::Status status =
          out_.Write(std::string_view(rest.data(), rest.size()));
      !status.ok()) {
    return status;
  }
  if (absl::Status status = resume_.Save(pending.token_after()); !status.ok()) {
    return status;
  }
  return pending.token_after();
}

std::optional<std::string> ExactOutput::FindPrinted(
    const client::PendingOutput& pending) {
  const std::optional<client::PendingOutput> position = OutputPosition();
  if (!position || position->device() != pending.device() ||
      position->inode() != pending.inode()) {
    return std::nullopt;
  }
  // Opened again, because our own descriptor may be write-only.
  const std::string path = absl::StrCat("/proc/self/fd/", out_fd_);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  const auto closer = absl::MakeCleanup([fd] { close(fd); });
  if (lseek(fd, pending.offset(), SEEK_SET) < 0) return std::nullopt;
  const auto tail =
      ReadUpTo(fd, pending.text().size() + kOtherOutputBytes, path);
  if (!tail.ok() || tail->empty()) return std::nullopt;
  if (absl::StrContains(*tail, pending.text())) return pending.text();
  if (absl::StartsWith(pending.text(), *tail) &&
      position->offset() ==
          pending.offset() + static_cast<int64_t>(tail->size())) {
    return *tail;
  }
  return std::nullopt;
}

absl::Status ExactOutput::Begin(std::string_view token) {
  token_ = std::string(token);
  return resume_.Prepare(token);
}

absl::Status ExactOutput::Commit() {
  absl::Status committed = resume_.Commit();
  // Without the record, a user who deletes the resume file starts from the
  // beginning.
  if (committed.ok()) record_.Remove();
  return committed;
}

absl::Status ExactOutput::Write(std::string_view bytes) {
  std::optional<client::PendingOutput> pending = OutputPosition();
  if (pending && !token_.empty()) {
    pending->set_text(std::string(bytes));
    pending->set_token_before(resume_.saved());
    pending->set_token_after(token_);
    absl::Status recorded = record_.Prepare(pending->SerializeAsString());
    if (recorded.ok()) recorded = record_.Commit();
    if (!recorded.ok()) return recorded;
  }
  if (absl::Status written = out_.Write(bytes); !written.ok()) return written;
  // If the power fails, the token must not survive an event that did not.
  if (pending && fdatasync(out_fd_) != 0) {
    return FileError("sync", "the output");
  }
  return Commit();
}

}  // namespace mentiond
