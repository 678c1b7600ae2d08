// The state of a stream as derived from its events, and the status line that
// shows it.

#ifndef MENTIOND_CLIENT_TERMINAL_STREAM_STATE_H_
#define MENTIOND_CLIENT_TERMINAL_STREAM_STATE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"

#include "client/terminal/text_style.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond::terminal {

struct StreamState {
  enum class Phase { kConnecting, kReading, kLive, kEnded };

  Phase phase = Phase::kConnecting;
  uint32_t pages_done = 0;
  // 0: not known.
  uint32_t pages_total = 0;
  // Mentions received so far.
  int64_t mentions = 0;
  // The last poll, once a heartbeat has reported one.
  std::optional<absl::Time> polled_at;
  // How often it polls, known from its second heartbeat.
  std::optional<absl::Duration> poll_interval;
  // Set while polling is held up.
  std::optional<::mentions::v1::Delayed> delayed;

  // The server has accepted the stream.
  void Connected();

  // Whether it tells of a poll, and not only that the stream is alive.
  bool IsNewPoll(const ::mentions::v1::Heartbeat& heartbeat) const;

  // Updates the state with an event.
  void Apply(const ::mentions::v1::SubscribeResponse& response);
};

// The state in one line of at most `width` columns, for a status line that is
// redrawn in place: a progress bar while the history is read, then the age of
// the last poll.
std::string StatusLine(const StreamState& state, const std::string& server,
                       absl::Time now, absl::TimeZone zone, int width,
                       const TextStyle& style);

// "12 mentions", "1 mention", "no mentions".
std::string MentionCount(int64_t mentions);

// Why polling is held up and when it resumes: "GitHub's rate limit is used up;
// resuming at 14:03:10 (in 5 min)", followed by the server's own message.
std::string DelayMessage(const ::mentions::v1::Delayed& delayed, absl::Time now,
                         absl::TimeZone zone);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_STREAM_STATE_H_
