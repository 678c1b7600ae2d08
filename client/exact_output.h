// Keeps standard output and the resume file consistent, so that a program that
// is killed and restarted prints each event exactly once.
//
// Printing an event and saving its token are two steps, and the program can be
// killed in between. If the output is a file, this can be detected afterwards:
// the event is recorded next to the resume file before it is printed, and the
// next run checks whether the output contains it. What was written to a pipe
// cannot be read back; there, only one system call separates the two steps.

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
  // `out` writes to `out_fd`; both must outlive this object. The record of the
  // event being printed is stored in `resume_path` + ".pending".
  ExactOutput(Sink& out, int out_fd, const std::string& resume_path);

  // Returns the token to resume from; empty: start from the beginning. Prints
  // the rest of an event that a killed run printed only in part. Errors: those
  // of ResumeFile::Read() and Sink::Write().
  absl::StatusOr<std::string> Recover();

  // Starts an event with this token, which may or may not print something.
  // Errors: those of ResumeFile::Prepare().
  absl::Status Begin(std::string_view token);
  // Writes a whole event and saves its token immediately afterwards.
  absl::Status Write(std::string_view bytes) override;
  // Ends the event: saves its token if nothing was printed.
  absl::Status Commit();

 private:
  // Where the next event will be written; nullopt if the output is not a
  // regular file.
  std::optional<client::PendingOutput> OutputPosition() const;
  // The part of the event that is in the output file: all of it, or its
  // beginning at the end of the file; nullopt: none of it.
  std::optional<std::string> FindPrinted(const client::PendingOutput& pending);

  Sink& out_;
  const int out_fd_;
  ResumeFile resume_;
  AtomicFile record_;
  std::string token_;  // of the current event
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_EXACT_OUTPUT_H_
