#include "client/terminal/stream_state.h"

#include <gtest/gtest.h>

#include <utility>

#include "client/terminal/display_width.h"
#include "lib/base/proto_time.h"
#include "tests/client/responses.h"

namespace mentiond::terminal {
namespace {

using ::mentions::v1::Delayed;
using ::mentions::v1::SubscribeResponse;

// 2023-11-14 22:13:20 UTC.
const absl::Time kStateTime = absl::FromUnixSeconds(1'700'000'000);

std::string Line(const StreamState& state, int width = 79,
                 absl::Time now = kStateTime) {
  return StatusLine(state, "h:1", now, absl::UTCTimeZone(), width, {});
}

SubscribeResponse NewMention() { return AMention(1, "", kStateTime); }

StreamState After(const SubscribeResponse& response) {
  StreamState state;
  state.Apply(response);
  return state;
}

TEST(StreamStateTest, FollowsAStreamFromConnectingToLive) {
  StreamState state;
  EXPECT_EQ(Line(state), "connecting to h:1…");
  state.Connected();
  EXPECT_EQ(Line(state), "reading the history…");
  const std::pair<SubscribeResponse, const char*> events[] = {
      {Progress(1, 0), "reading the history: 1 page, no mentions"},
      {NewMention(), "reading the history: 1 page, 1 mention"},
      {Progress(2, 0), "reading the history: 2 pages, 1 mention"},
      {Progress(10, 20),
       "reading the history ━━━━━━━━━━━━──────────── 50% (10 of 20 pages), 1 "
       "mention"},
      {Synced(), "live, waiting for new mentions"},
      {NewMention(), "live, waiting for new mentions"},
      // A delay is shown until something happens.
      {Delay(Delayed::REASON_UPSTREAM_UNAVAILABLE, "x"),
       "GitHub is unavailable: x"},
      {NewMention(), "live, waiting for new mentions"},
      {Heartbeat(kStateTime), "live · polled just now"},
      {Delay(Delayed::REASON_UPSTREAM_UNAVAILABLE), "GitHub is unavailable"},
      // Which the same poll again, a sign of life, is not.
      {Heartbeat(kStateTime), "GitHub is unavailable"},
  };
  for (const auto& [event, line] : events) {
    state.Apply(event);
    EXPECT_EQ(Line(state), line);
  }
  // A resumed stream is live from its first poll.
  EXPECT_EQ(
      Line(After(Heartbeat(kStateTime)), 79, kStateTime + absl::Seconds(70)),
      "live · polled 1 min ago");
  // More pages than expected are all.
  EXPECT_EQ(Line(After(Progress(30, 20)), 50),
            "reading: 100% (20 of 20 pages), no mentions");
}

TEST(StreamStateTest, ADelaySaysWhyAndUntilWhen) {
  constexpr absl::Duration kNever = absl::InfiniteDuration();
  const struct {
    Delayed::Reason reason;
    absl::Duration retry_in;  // kNever: not known
    const char* detail;
    const char* message;
  } cases[] = {
      {Delayed::REASON_RATE_LIMITED, absl::Minutes(5), "5000 requests used",
       "GitHub's rate limit is used up; resuming at 22:18:20 (in 5 min): 5000 "
       "requests used"},
      {Delayed::REASON_SECONDARY_RATE_LIMITED, kNever, "",
       "GitHub asked to slow down"},
      {Delayed::REASON_UPSTREAM_UNAVAILABLE, kNever, "",
       "GitHub is unavailable"},
      {Delayed::REASON_UNSPECIFIED, kNever, "\x1b[2J",
       "the server is waiting for GitHub: ␛[2J"},
      {Delayed::REASON_UNSPECIFIED, absl::Hours(48), "",
       "the server is waiting for GitHub; resuming at 2023-11-16 22:13:20 (in "
       "2 days)"},
      {Delayed::REASON_UNSPECIFIED, -absl::Seconds(1), "",
       "the server is waiting for GitHub; resuming at 22:13:19 (now)"},
  };
  for (const auto& [reason, retry_in, detail, message] : cases) {
    Delayed delayed = Delay(reason, detail).delayed();
    if (retry_in != kNever) {
      *delayed.mutable_retry_at() = ToProto(kStateTime + retry_in);
    }
    EXPECT_EQ(DelayMessage(delayed, kStateTime, absl::UTCTimeZone()), message);
  }
}

TEST(StreamStateTest, NeverExceedsTheWidth) {
  const StreamState states[] = {
      {},
      After(Progress(4'000'000'000, 4'100'000'000)),
      After(Progress(4'000'000'000, 0)),
      After(Synced()),
      After(Delay(Delayed::REASON_UNSPECIFIED, std::string(500, 'x')))};
  for (int width = 5; width < 120; ++width) {
    for (const StreamState& state : states) {
      EXPECT_LE(DisplayWidth(Line(state, width)), width);
    }
  }
}

}  // namespace
}  // namespace mentiond::terminal
