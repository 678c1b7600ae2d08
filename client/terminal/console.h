// Writes data to standard output and everything else to standard error. Both
// may be the same terminal, on which a status line is redrawn in place.

#ifndef MENTIOND_CLIENT_TERMINAL_CONSOLE_H_
#define MENTIOND_CLIENT_TERMINAL_CONSOLE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "client/terminal/sink.h"

namespace mentiond::terminal {

// Not thread-safe; guarded by the Printer's lock.
class Console {
 public:
  // The sinks must outlive the console. `redraws`: whether the status line can
  // be redrawn in place; if not, SetStatus() does nothing.
  Console(Sink& out, Sink& err, bool redraws)
      : out_(out), err_(err), redraws_(redraws) {}

  // Writes whole lines of data to standard output. Clears the status line until
  // the next SetStatus(). Returns the errors of Sink::Write().
  absl::Status WriteData(std::string_view lines);

  // Writes a permanent line to standard error, likewise clearing the status
  // line. Failures are ignored: there is nowhere left to report them.
  void WriteNote(std::string_view line);

  // Shows `line` below all other output until it is replaced; empty: clears the
  // status line. `line` must fit the width of the terminal. Draws only changes.
  void SetStatus(std::string_view line);

  bool redraws() const { return redraws_; }

 private:
  Sink& out_;
  Sink& err_;
  const bool redraws_;
  std::string status_;
};

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_CONSOLE_H_
