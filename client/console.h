// Standard output for data and standard error for everything else, when both
// may be the same terminal and one line of it is redrawn in place.

#ifndef MENTIOND_CLIENT_CONSOLE_H_
#define MENTIOND_CLIENT_CONSOLE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "client/sink.h"

namespace mentiond {

// Not thread-safe; the Printer's lock guards it.
class Console {
 public:
  // The sinks must outlive it. `redraws`: the status line can be shown in
  // place; otherwise SetStatus() shows nothing.
  Console(Sink& out, Sink& err, bool redraws)
      : out_(out), err_(err), redraws_(redraws) {}

  // Data, as whole lines; what Sink::Write() says of standard output. The
  // status line makes room, and is gone until SetStatus() shows it again.
  absl::Status Data(std::string_view lines);

  // A line that stays, on standard error; the status line makes room for it
  // too. A failure is ignored: there is nowhere left to say it.
  void Note(std::string_view line);

  // Shows `line`, which must fit into the terminal's width, below all other
  // output until it is replaced; empty: shows none. Draws only changes.
  void SetStatus(std::string_view line);

  bool redraws() const { return redraws_; }

 private:
  Sink& out_;
  Sink& err_;
  const bool redraws_;
  std::string status_;
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_CONSOLE_H_
