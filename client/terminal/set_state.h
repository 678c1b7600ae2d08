// The state of several streams together, and the status line that shows it.

#ifndef MENTIOND_CLIENT_TERMINAL_SET_STATE_H_
#define MENTIOND_CLIENT_TERMINAL_SET_STATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "client/terminal/stream_state.h"
#include "client/terminal/text_style.h"

namespace mentiond::terminal {

struct SetState {
  size_t total = 0;
  size_t connecting = 0;
  size_t live = 0;     // including those that are held up
  size_t delayed = 0;  // held up, in any phase
  size_t ended = 0;
  // Received so far, on all of them.
  int64_t mentions = 0;
  // The last poll of any.
  std::optional<absl::Time> polled_at;
  // How often each is polled, once that is known of all that are live: the
  // longest, as it grows with the number of repositories.
  std::optional<absl::Duration> poll_interval;
};

SetState Summarize(const std::vector<StreamState>& states);

// "1m15s": to the second, if it is longer.
std::string IntervalText(absl::Duration interval);

// In one line of at most `width` columns: "11 of 12 live · 1 reading ·
// 340 mentions · polled 3 s ago, each every 1m".
std::string SetStatusLine(const SetState& set, const std::string& server,
                          absl::Time now, int width, const TextStyle& style);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_SET_STATE_H_
