// A stream that has nothing to say still says that it is alive.

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/lib/stream/streams_fixture.h"

namespace mentiond {
namespace {

constexpr absl::Duration kQuiet = absl::Seconds(30);

class KeepaliveTest : public StreamsFixture {
 protected:
  KeepaliveTest() {
    repo_.AddPull("mona", "Hello");
    environment_.poll_interval = absl::Minutes(10);
    environment_.keepalive_interval = kQuiet;
  }

  // What comes on the stream meanwhile, read as it comes.
  std::vector<EventQueue::Event> During(absl::Duration time,
                                        OpenStream& stream) {
    std::vector<EventQueue::Event> events;
    const absl::Time end = clock_.Now() + time;
    while (clock_.Now() < end) {
      clock_.Advance(std::min(clock_.NextDeadline(), end) - clock_.Now());
      Run();
      for (auto& event : Drain(*stream.queue)) {
        at_.push_back(clock_.Now());
        events.push_back(std::move(event));
      }
    }
    return events;
  }
  absl::Duration LongestSilence() const {
    absl::Duration longest;
    for (size_t i = 1; i < at_.size(); ++i) {
      longest = std::max(longest, at_[i] - at_[i - 1]);
    }
    return longest;
  }

  std::vector<absl::Time> at_;
};

TEST_F(KeepaliveTest, BetweenPollsAHeartbeatRepeatsWhenTheLastOneWas) {
  const auto stream = Start();
  auto events = During(absl::Minutes(10), *stream);
  // Two polls in an hour are ten minutes apart.
  events = During(absl::Hours(1), *stream);
  EXPECT_EQ(events.size(), 120U);
  EXPECT_LE(LongestSilence(), kQuiet + absl::Milliseconds(50));
  std::vector<int64_t> polls;
  for (const auto& event : events) {
    ASSERT_TRUE(event.has_heartbeat());
    EXPECT_EQ(event.resume_token(), events[0].resume_token());
    const int64_t polled_at = event.heartbeat().polled_at().seconds();
    if (polls.empty() || polls.back() != polled_at) polls.push_back(polled_at);
    EXPECT_EQ(event.heartbeat().next_poll_at().seconds() - polled_at, 600);
  }
  EXPECT_THAT(polls.size(), testing::AllOf(testing::Ge(6U), testing::Le(7U)));
}

TEST_F(KeepaliveTest, AStreamThatIsDelayedFromTheBeginningIsNotSilent) {
  github_.AddFault(
      Fault::Answer("/issues", 429, "", {{"Retry-After", "3600"}}));
  const auto stream = Start();
  auto events = Drain(*stream->queue);
  ASSERT_TRUE(!events.empty() && events.back().has_delayed());
  const auto retry_at = events.back().delayed().retry_at();
  events = During(absl::Minutes(59), *stream);
  EXPECT_EQ(events.size(), 118U);
  for (const auto& event : events) {
    ASSERT_TRUE(event.has_heartbeat());
    EXPECT_FALSE(event.heartbeat().has_polled_at()) << "none has been yet";
    EXPECT_EQ(event.heartbeat().next_poll_at().seconds(), retry_at.seconds());
    EXPECT_FALSE(event.resume_token().empty());
  }
}

TEST_F(KeepaliveTest, PollsThatFailDoNotMakeItSilent) {
  environment_.poll_interval = absl::Minutes(1);
  const auto stream = Start();
  During(absl::Minutes(2), *stream);
  // Given a GitHub that refuses every connection for a while
  Fault down = Fault::Close("/");
  down.times = std::nullopt;
  github_.AddFault(down);
  During(absl::Minutes(10), *stream);
  EXPECT_LE(LongestSilence(), kQuiet * 1.11);
}

TEST_F(KeepaliveTest, APollThatTakesLongIsNotSilent) {
  const auto stream = Start();
  During(absl::Minutes(10), *stream);
  transport_.Hold();

  const auto events = During(absl::Minutes(30), *stream);
  EXPECT_GE(transport_.waiting(), 1U);
  EXPECT_GE(events.size(), 59U);
  EXPECT_LE(LongestSilence(), kQuiet * 1.11);
  transport_.Release();
  Run();
}

TEST_F(KeepaliveTest, ItsResumeTokenIsThatOfWhatWasSentBefore) {
  const auto stream = Start();
  During(absl::Minutes(11), *stream);
  int between = 0;
  for (int steps = 0; steps < 40; ++steps) {
    // Given a poll that finds a mention after the stream was quiet for long,
    transport_.Hold();
    const int64_t mention = repo_.AddIssueComment(1, "hubot", "@octocat");
    while (transport_.waiting() == 0) During(absl::Seconds(1), *stream);
    During(absl::Seconds(10), *stream);
    // when the heartbeat is due after any number of steps of the poll,
    transport_.Release();
    loop_.restart();
    for (int i = 0; i < steps; ++i) loop_.poll_one();
    clock_.Advance(std::min(clock_.NextDeadline() - clock_.Now(), kQuiet));
    Run();
    // then a stream that resumes from a heartbeat before the mention gets it.
    const auto events = Drain(*stream->queue);
    const auto is_mention = [](const auto& event) {
      return event.has_mention();
    };
    const auto found = std::find_if(events.begin(), events.end(), is_mention);
    ASSERT_NE(found, events.end());
    if (found == events.begin()) continue;
    ++between;
    Subscription resumed = *ParseSubscription(
        [&] {
          mentions::v1::SubscribeRequest request;
          request.set_repo("octo/demo");
          request.set_user("octocat");
          request.set_token("ghp_test");
          request.set_resume_token(std::prev(found)->resume_token());
          return request;
        }(),
        "", "github.test");
    const auto other = Start(resumed);
    EXPECT_THAT(Mentions(*other->queue), testing::ElementsAre(mention))
        << "after " << steps << " steps";
    Cancel(*other);
  }
  EXPECT_GT(between, 0);
}

TEST_F(KeepaliveTest, AClientThatReadsNothingIsNotSentMore) {
  const auto stream = Start();
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(absl::Minutes(1));
    Run();
  }
  // The beginning's events and one for each poll, none besides.
  EXPECT_LE(Drain(*stream->queue).size(), 20U);
}

TEST_F(KeepaliveTest, ABusyStreamNeedsNone) {
  environment_.poll_interval = absl::Seconds(10);
  const auto stream = Start();
  During(absl::Minutes(1), *stream);
  EXPECT_EQ(During(absl::Hours(1), *stream).size(), 360U);
}

TEST_F(KeepaliveTest, ItCanBeTurnedOff) {
  environment_.keepalive_interval = absl::InfiniteDuration();
  const auto stream = Start();
  During(absl::Minutes(10), *stream);
  EXPECT_EQ(During(absl::Hours(1), *stream).size(), 6U);
}

}  // namespace
}  // namespace mentiond
