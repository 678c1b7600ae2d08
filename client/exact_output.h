// Standard output, kept in step with the resume file, so that a program that is
// killed and started again prints each event once.
//
// Printing and keeping the token are two things, and a program can be killed in
// between. Where the output is a file, that can be told afterwards: what is
// about to be printed is noted beside the resume file, and the next run looks
// whether it is there. A pipe can't be asked what it has carried; there, only
// one system call is in between.

#ifndef MENTIOND_CLIENT_EXACT_OUTPUT_H_
#define MENTIOND_CLIENT_EXACT_OUTPUT_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "client/atomic_file.h"
#include "client/pending_output.pb.h"
#include "client/resume_file.h"
#include "client/sink.h"

namespace mentiond {

// Not thread-safe.
class ExactOutput : public Sink {
 public:
  // `out` writes to `out_fd`; both outlive it. The note is at `resume_path`
  // with ".pending" behind it.
  ExactOutput(Sink& out, int out_fd, const std::string& resume_path);

  // The token to go on with; empty: from the beginning. Prints the rest of an
  // event that a killed run has printed in part. Errors as ResumeFile::Read,
  // and as Sink::Write.
  absl::StatusOr<std::string> Recover();

  // An event that has this token is printed now, if there is something to
  // print. Errors as ResumeFile::Prepare.
  absl::Status Begin(std::string_view token);
  // All of an event, after which its token is kept at once.
  absl::Status Write(std::string_view bytes) override;
  // The event has been dealt with: keeps its token, where nothing was printed.
  absl::Status Commit();

 private:
  std::optional<client::PendingOutput> Place() const;
  std::optional<std::string> Printed(const client::PendingOutput& pending);

  Sink& out_;
  const int out_fd_;
  ResumeFile resume_;
  AtomicFile note_;
  std::string token_;  // of the event under way
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_EXACT_OUTPUT_H_
