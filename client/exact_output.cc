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

// A note has one event, and an event is at most one gRPC message.
constexpr size_t kLongestNote = size_t{64} << 20;
// What others may have written to the same file before the event: standard
// error, say.
constexpr size_t kOthers = size_t{64} << 10;

}  // namespace

ExactOutput::ExactOutput(Sink& out, int out_fd, const std::string& resume_path)
    : out_(out),
      out_fd_(out_fd),
      resume_(resume_path),
      note_(absl::StrCat(resume_path, ".pending"), AtomicFile::Safety::kCrash) {
}

// Where the next event goes; nullopt: not into a file.
std::optional<client::PendingOutput> ExactOutput::Place() const {
  struct stat about = {};
  if (fstat(out_fd_, &about) != 0 || !S_ISREG(about.st_mode)) {
    return std::nullopt;
  }
  const bool appends = (fcntl(out_fd_, F_GETFL) & O_APPEND) != 0;
  client::PendingOutput place;
  place.set_device(about.st_dev);
  place.set_inode(about.st_ino);
  place.set_offset(appends ? about.st_size : lseek(out_fd_, 0, SEEK_CUR));
  return place;
}

absl::StatusOr<std::string> ExactOutput::Recover() {
  absl::StatusOr<std::string> token = resume_.Read();
  if (!token.ok()) return token;
  const auto note = note_.Read(kLongestNote);
  client::PendingOutput pending;
  // No note, or none that makes sense: there was no such run.
  if (!note.ok() || !pending.ParseFromString(*note) || pending.text().empty() ||
      pending.token_after().empty() || pending.token_before() != *token) {
    return token;
  }
  const std::optional<std::string> printed = Printed(pending);
  if (!printed) return token;
  const absl::string_view rest =
      absl::string_view(pending.text()).substr(printed->size());
  if (absl::Status status =
          out_.Write(std::string_view(rest.data(), rest.size()));
      !status.ok()) {
    return status;
  }
  if (absl::Status status = resume_.Keep(pending.token_after()); !status.ok()) {
    return status;
  }
  return pending.token_after();
}

// What of the event is in the file, which is all of it, or its beginning at
// the file's end; nullopt: nothing.
std::optional<std::string> ExactOutput::Printed(
    const client::PendingOutput& pending) {
  const std::optional<client::PendingOutput> place = Place();
  if (!place || place->device() != pending.device() ||
      place->inode() != pending.inode()) {
    return std::nullopt;
  }
  // By another descriptor: ours may only write.
  const std::string path = absl::StrCat("/proc/self/fd/", out_fd_);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  const auto closed = absl::MakeCleanup([fd] { close(fd); });
  if (lseek(fd, pending.offset(), SEEK_SET) < 0) return std::nullopt;
  const auto tail = ReadUpTo(fd, pending.text().size() + kOthers, path);
  if (!tail.ok() || tail->empty()) return std::nullopt;
  if (absl::StrContains(*tail, pending.text())) return pending.text();
  if (absl::StartsWith(pending.text(), *tail) &&
      place->offset() ==
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
  // Whoever removes the resume file wants to begin anew.
  if (committed.ok()) note_.Remove();
  return committed;
}

absl::Status ExactOutput::Write(std::string_view bytes) {
  std::optional<client::PendingOutput> pending = Place();
  if (pending && !token_.empty()) {
    pending->set_text(std::string(bytes));
    pending->set_token_before(resume_.kept());
    pending->set_token_after(token_);
    absl::Status noted = note_.Prepare(pending->SerializeAsString());
    if (noted.ok()) noted = note_.Commit();
    if (!noted.ok()) return noted;
  }
  if (absl::Status written = out_.Write(bytes); !written.ok()) return written;
  // A token must not outlive what it stands for, should the power fail.
  if (pending && fdatasync(out_fd_) != 0) {
    return FileError("sync", "the output");
  }
  return Commit();
}

}  // namespace mentiond
