#include "client/terminal/stream_state.h"

#include <gtest/gtest.h>

#include "client/terminal/display_width.h"
#include "lib/base/proto_time.h"

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

SubscribeResponse Progress(uint32_t done, uint32_t total) {
  SubscribeResponse response;
  response.mutable_sync_progress()->set_pages_done(done);
  response.mutable_sync_progress()->set_pages_total(total);
  return response;
}

SubscribeResponse AMentionEvent() {
  SubscribeResponse response;
  response.mutable_mention();
  return response;
}

SubscribeResponse Synced() {
  SubscribeResponse response;
  response.mutable_synced();
  return response;
}

TEST(StreamStateTest, FollowsAStreamFromConnectingToLive) {
  StreamState state;
  EXPECT_EQ(Line(state), "connecting to h:1…");
  state.Connected();
  EXPECT_EQ(Line(state), "reading the history…");
  state.Apply(Progress(1, 0));
  EXPECT_EQ(Line(state), "reading the history: 1 page, no mentions");
  state.Apply(AMentionEvent());
  state.Apply(Progress(2, 0));
  EXPECT_EQ(Line(state), "reading the history: 2 pages, 1 mention");
  state.Apply(Progress(10, 20));
  EXPECT_EQ(Line(state),
            "reading the history ━━━━━━━━━━━━──────────── 50% (10 of 20 "
            "pages), 1 mention");
  state.Apply(Synced());
  EXPECT_EQ(Line(state), "live, waiting for new mentions");
}

TEST(StreamStateTest, ShowsTheAgeOfTheLastPoll) {
  StreamState state;
  state.Apply(Synced());
  SubscribeResponse heartbeat;
  *heartbeat.mutable_heartbeat()->mutable_polled_at() = ToProto(kStateTime);
  state.Apply(heartbeat);
  EXPECT_EQ(Line(state, 79, kStateTime + absl::Seconds(12)),
            "live · polled 12 s ago");
  EXPECT_EQ(Line(state, 79, kStateTime + absl::Seconds(70)),
            "live · polled 1 min ago");
}

TEST(StreamStateTest, StaysLiveAfterANewMention) {
  StreamState state;
  state.Apply(Synced());
  state.Apply(AMentionEvent());
  EXPECT_EQ(Line(state), "live, waiting for new mentions");
}

TEST(StreamStateTest, ShowsADelayUntilTheNextEvent) {
  StreamState state;
  state.Apply(Synced());
  SubscribeResponse response;
  Delayed& delayed = *response.mutable_delayed();
  delayed.set_reason(Delayed::REASON_RATE_LIMITED);
  delayed.set_detail("5000 requests used");
  *delayed.mutable_retry_at() = ToProto(kStateTime + absl::Minutes(5));
  state.Apply(response);
  EXPECT_EQ(Line(state, 100),
            "GitHub's rate limit is used up; resuming at 22:18:20 (in 5 min): "
            "5000 requests used");
  state.Apply(AMentionEvent());
  EXPECT_EQ(Line(state), "live, waiting for new mentions");
}

TEST(StreamStateTest, HasAMessageForEachReasonOfADelay) {
  const auto message = [](Delayed::Reason reason) {
    Delayed delayed;
    delayed.set_reason(reason);
    return DelayMessage(delayed, kStateTime, absl::UTCTimeZone());
  };
  EXPECT_EQ(message(Delayed::REASON_SECONDARY_RATE_LIMITED),
            "GitHub asked to slow down");
  EXPECT_EQ(message(Delayed::REASON_UPSTREAM_UNAVAILABLE),
            "GitHub is unavailable");
  EXPECT_EQ(message(Delayed::REASON_UNSPECIFIED),
            "the server is waiting for GitHub");
}

TEST(StreamStateTest, ShowsTheDateOfALongDelayAndNowForAPastOne) {
  Delayed delayed;
  *delayed.mutable_retry_at() = ToProto(kStateTime + absl::Hours(48));
  EXPECT_EQ(DelayMessage(delayed, kStateTime, absl::UTCTimeZone()),
            "the server is waiting for GitHub; resuming at 2023-11-16 22:13:20 "
            "(in 2 days)");
  *delayed.mutable_retry_at() = ToProto(kStateTime - absl::Seconds(1));
  EXPECT_EQ(DelayMessage(delayed, kStateTime, absl::UTCTimeZone()),
            "the server is waiting for GitHub; resuming at 22:13:19 (now)");
}

TEST(StreamStateTest, NeverExceedsTheWidth) {
  StreamState reading;
  reading.Apply(Progress(4'000'000'000, 4'100'000'000));
  StreamState counting;
  counting.Apply(Progress(4'000'000'000, 0));
  StreamState live;
  live.Apply(Synced());
  StreamState delayed;
  SubscribeResponse response;
  response.mutable_delayed()->set_detail(std::string(500, 'x'));
  delayed.Apply(response);
  for (int width = 5; width < 120; ++width) {
    for (const StreamState& state :
         {StreamState(), reading, counting, live, delayed}) {
      EXPECT_LE(DisplayWidth(Line(state, width)), width);
    }
  }
}

TEST(StreamStateTest, ShowsMorePagesThanExpectedAsComplete) {
  StreamState state;
  state.Apply(Progress(30, 20));
  EXPECT_EQ(Line(state, 50), "reading: 100% (20 of 20 pages), no mentions");
}

TEST(StreamStateTest, IsSafeToPrint) {
  Delayed delayed;
  delayed.set_detail("\x1b[2J");
  EXPECT_EQ(DelayMessage(delayed, kStateTime, absl::UTCTimeZone()),
            "the server is waiting for GitHub: ␛[2J");
}

}  // namespace
}  // namespace mentiond::terminal
