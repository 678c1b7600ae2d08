// A program run by a test: its output is read line by line against a deadline,
// and it never outlives the test.
//
// Not thread-safe: one thread owns it (Signal() may be called by any).

#ifndef MENTIOND_TESTS_SUBPROCESS_H_
#define MENTIOND_TESTS_SUBPROCESS_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace mentiond {

// How a program ended: by itself with `code`, or killed by `signal` (then not
// 0, and `code` is -1).
struct ExitStatus {
  int code = -1;
  int signal = 0;

  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

class Subprocess {
 public:
  enum class Stream { kStdout, kStderr };

  // Starts the program at path `args[0]`. Its environment is exactly `env`
  // and what the sanitizers are told by the test's own (*SAN_OPTIONS); its
  // standard input is at its end; no signal is blocked or ignored in it.
  static absl::StatusOr<std::unique_ptr<Subprocess>> Start(
      const std::vector<std::string>& args,
      const std::map<std::string, std::string>& env = {});

  // The same on a terminal of its own, `columns` wide, which is all three of
  // its standard files and sends it the signals of typed keys. What it shows is
  // read as Stream::kStdout, with the terminal's "\r\n" for line ends.
  static absl::StatusOr<std::unique_ptr<Subprocess>> StartOnTerminal(
      const std::vector<std::string>& args,
      const std::map<std::string, std::string>& env, int columns);

  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  // Kills the program if it still runs, and reaps it.
  ~Subprocess();

  // The next line without its line end. OUT_OF_RANGE at the output's end,
  // DEADLINE_EXCEEDED when no whole line came in time (what came stays for the
  // next call). While waiting, the other stream is read too, so that the
  // program cannot block on it.
  absl::StatusOr<std::string> ReadLine(Stream stream, absl::Time deadline);

  // Reads lines until one pleases `wanted`, and returns that. On an error its
  // message holds the lines that were read in vain.
  absl::StatusOr<std::string> WaitForLine(
      Stream stream, const std::function<bool(std::string_view)>& wanted,
      absl::Time deadline);

  // Reads until `text` has come, which need not be a line's end, and returns
  // everything up to its end.
  absl::StatusOr<std::string> WaitForText(Stream stream, std::string_view text,
                                          absl::Time deadline);

  // All that is left of a stream until its end.
  absl::StatusOr<std::string> ReadAll(Stream stream, absl::Time deadline);

  // Reads what both streams hold now, which the calls above then return: for a
  // test that reads nothing for long while the program logs much.
  void ReadAhead();

  // Closes our end of a stream, as `| head -1` does when it has its line.
  void Close(Stream stream);

  // Types on the terminal; "\x03" is Ctrl-C.
  absl::Status Type(std::string_view keys);

  // Sends a signal. NOT_FOUND when the program was already reaped.
  absl::Status Signal(int signal);

  // Waits for the end; reads both streams meanwhile (they can be read after).
  // DEADLINE_EXCEEDED when the program still runs then.
  absl::StatusOr<ExitStatus> Wait(absl::Time deadline);

  pid_t pid() const { return pid_; }

 private:
  struct Output {
    int fd = -1;
    std::string unread;
  };

  Subprocess(pid_t pid, int pidfd, int out_fd, int err_fd);

  Output& output(Stream stream) {
    return stream == Stream::kStdout ? out_ : err_;
  }
  // Reads what is there of both streams, waiting for some of it or for the
  // program's end, whichever comes first, but no longer than to `deadline`.
  absl::Status Pump(bool until_exit, absl::Time deadline);

  pid_t pid_;
  int pidfd_;
  bool reaped_ = false;
  ExitStatus exit_;
  Output out_;
  Output err_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_SUBPROCESS_H_
