#include "client/terminal/set_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "client/terminal/display_width.h"
#include "client/terminal/printable.h"
#include "client/terminal/relative_time.h"

namespace mentiond::terminal {

SetState Summarize(const std::vector<StreamState>& states) {
  SetState set = {.total = states.size()};
  size_t known = 0;
  absl::Duration longest;
  for (const StreamState& state : states) {
    if (state.phase == StreamState::Phase::kConnecting) ++set.connecting;
    if (state.phase == StreamState::Phase::kLive) ++set.live;
    if (state.phase == StreamState::Phase::kEnded) ++set.ended;
    if (state.delayed && state.phase != StreamState::Phase::kEnded) {
      ++set.delayed;
    }
    set.mentions += state.mentions;
    if (state.polled_at) {
      set.polled_at =
          std::max(*state.polled_at, set.polled_at.value_or(*state.polled_at));
    }
    if (state.phase == StreamState::Phase::kLive && state.poll_interval) {
      ++known;
      longest = std::max(longest, *state.poll_interval);
    }
  }
  if (known > 0 && known == set.live) set.poll_interval = longest;
  return set;
}

std::string IntervalText(absl::Duration interval) {
  const absl::Duration step =
      interval < absl::Seconds(1) ? absl::Milliseconds(1) : absl::Seconds(1);
  return absl::FormatDuration(absl::Ceil(interval, step));
}

std::string SetStatusLine(const SetState& set, const std::string& server,
                          absl::Time now, int width, const TextStyle& style) {
  if (set.connecting == set.total) {
    return CutEnd(absl::StrCat("connecting to ", Printable(server), "…"),
                  width);
  }
  const std::string live = absl::StrCat(set.live, " of ", set.total, " live");
  std::string rest;
  const auto count = [&rest](size_t number, const char* what) {
    if (number > 0) absl::StrAppend(&rest, " · ", number, what);
  };
  count(set.total - set.live - set.ended - set.connecting, " reading");
  count(set.connecting, " connecting");
  count(set.delayed, " delayed");
  count(set.ended, " ended");
  absl::StrAppend(&rest, " · ", MentionCount(set.mentions));
  if (set.polled_at) {
    absl::StrAppend(&rest, " · polled ", RelativeTime(*set.polled_at, now));
  }
  if (set.poll_interval) {
    absl::StrAppend(&rest, ", each every ", IntervalText(*set.poll_interval));
  }
  return absl::StrCat(Styled(style, kSuccessStyle, live),
                      CutEnd(rest, width - static_cast<int>(live.size())));
}

}  // namespace mentiond::terminal
