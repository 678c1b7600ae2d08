// What a person wants to know of a stream at any moment, gathered from its
// events, and the one line that says it.

#ifndef MENTIOND_CLIENT_STREAM_STATE_H_
#define MENTIOND_CLIENT_STREAM_STATE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"

#include "client/text_style.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

struct StreamState {
  enum class Phase { kConnecting, kReading, kLive };

  Phase phase = Phase::kConnecting;
  uint32_t pages_done = 0;
  // 0: not known.
  uint32_t pages_total = 0;
  // Mentions that have come until now.
  int64_t mentions = 0;
  // The last poll, once a heartbeat has told of one.
  std::optional<absl::Time> polled_at;
  // Set while the server waits for GitHub.
  std::optional<::mentions::v1::Delayed> delayed;

  // The server has accepted the stream.
  void Connected();

  // Takes an event in.
  void Apply(const ::mentions::v1::SubscribeResponse& response);
};

// The state in one line of at most `width` columns, for a line that is redrawn
// in place: a progress bar while the history is read, later the last poll's
// age.
std::string StatusLine(const StreamState& state, const std::string& server,
                       absl::Time now, absl::TimeZone zone, int width,
                       const TextStyle& style);

// "12 mentions", "1 mention", "no mentions".
std::string MentionCount(int64_t mentions);

// Why and until when a stream waits: "GitHub's rate limit is used up; going on
// at 14:03:10 (in 5 min)", with the server's own words behind it.
std::string DelayWords(const ::mentions::v1::Delayed& delayed, absl::Time now,
                       absl::TimeZone zone);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_STREAM_STATE_H_
