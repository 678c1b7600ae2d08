// Limits, outages, renames: what a stream reports, and that it continues.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/subscription/resume_token.h"
#include "tests/lib/stream/streams_fixture.h"

namespace mentiond {
namespace {

using Ids = std::vector<int64_t>;
using mentions::v1::Delayed;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

class TroubleTest : public StreamsFixture {
 protected:
  TroubleTest() : pull_(repo_.AddPull("mona", "Hello")) {
    clock_.Advance(absl::Hours(24));
    stream_ = Start();
    Poll();
    Drain(*stream_->queue);
  }

  int64_t Comment() {
    return repo_.AddIssueComment(pull_, "hubot", "@octocat");
  }

  // Lets the clock reach the next attempt, whenever that is.
  std::vector<EventQueue::Event> NextAttempt() {
    Poll();
    return Drain(*stream_->queue);
  }

  static Fault ForGood(Fault fault) {
    fault.times = std::nullopt;
    return fault;
  }

  const int64_t pull_;
  std::shared_ptr<OpenStream> stream_;
};

TEST_F(TroubleTest, AHeartbeatFollowsEveryPoll) {
  github_.SetRemaining("ghp_test", 4321);
  for (int poll = 0; poll < 5; ++poll) {
    const auto events = NextAttempt();
    ASSERT_EQ(events.size(), 1U);
    ASSERT_TRUE(events[0].has_heartbeat());
    const auto& heartbeat = events[0].heartbeat();
    EXPECT_EQ(TimeOf(heartbeat.polled_at()), clock_.Now());
    EXPECT_EQ(TimeOf(heartbeat.next_poll_at()), clock_.Now() + kInterval);
    EXPECT_EQ(heartbeat.rate_limit().limit(), 5000U);
    EXPECT_EQ(heartbeat.rate_limit().remaining(), 4321U);
    EXPECT_GT(TimeOf(heartbeat.rate_limit().reset_at()), clock_.Now());
  }
}

TEST_F(TroubleTest, AUsedUpQuotaDelaysTheStreamAndEndsNothing) {
  // Given a comment, and no point left to read it with
  github_.SetRemaining("ghp_test", 0);
  const int64_t comment = Comment();
  const auto events = NextAttempt();
  ASSERT_EQ(events.size(), 1U);
  ASSERT_TRUE(events[0].has_delayed()) << events[0].DebugString();
  const Delayed& delayed = events[0].delayed();
  EXPECT_EQ(delayed.reason(), Delayed::REASON_RATE_LIMITED);
  EXPECT_THAT(delayed.detail(), HasSubstr("rate limit"));
  EXPECT_GT(TimeOf(delayed.retry_at()), clock_.Now() + kInterval);

  // then the stream continues at the time it reported.
  clock_.Advance(TimeOf(delayed.retry_at()) - clock_.Now());
  Run();
  EXPECT_EQ(Mentions(*stream_->queue), Ids{comment});
}

TEST_F(TroubleTest, ASecondaryLimitIsNamed) {
  github_.AddFault(Fault::Answer(
      "/issues", 403,
      R"({"message":"You have exceeded a secondary rate limit."})",
      {{"Retry-After", "300"}}));
  const auto events = NextAttempt();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].delayed().reason(),
            Delayed::REASON_SECONDARY_RATE_LIMITED);
  EXPECT_LE(
      TimeOf(events[0].delayed().retry_at()) - clock_.Now() - absl::Minutes(5),
      absl::Milliseconds(1))
      << "in whole milliseconds, rounded up";
}

TEST_F(TroubleTest, AnOutageIsReportedWhenItLastsAndIsOverWithinAnInterval) {
  // Given an outage of ten minutes, in which somebody comments
  github_.AddFault(ForGood(Fault::HtmlBadGateway("")));
  const int64_t comment = Comment();
  const absl::Time end = clock_.Now() + absl::Minutes(10);
  const absl::Time first_attempt = clock_.NextDeadline();
  int delayed = 0;
  while (clock_.NextDeadline() < end) {
    for (const EventQueue::Event& event : NextAttempt()) {
      ASSERT_TRUE(event.has_delayed());
      EXPECT_EQ(event.delayed().reason(), Delayed::REASON_UPSTREAM_UNAVAILABLE);
      EXPECT_THAT(event.delayed().detail(), HasSubstr("502"));
      EXPECT_GT(TimeOf(event.delayed().retry_at()), first_attempt + kInterval)
          << "a short one is not worth a word";
      ++delayed;
    }
    ASSERT_FALSE(stream_->poller.ended().has_value());
  }
  EXPECT_GT(delayed, 0);
  EXPECT_LE(delayed, 12) << "no more than about one a minute";

  // when it is over, then the stream is live within an interval.
  clock_.Advance(end - clock_.Now());
  github_.ClearFaults();
  EXPECT_LE(clock_.NextDeadline(), end + kInterval);
  EXPECT_EQ(clock_.NextDeadline() > clock_.Now(), true);
  Poll();
  const auto events = Drain(*stream_->queue);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].mention().id(), comment);
  EXPECT_TRUE(events[1].has_heartbeat());
}

TEST_F(TroubleTest, EveryKindOfFaultIsSurvivedWithoutLossOrRepetition) {
  const std::vector<Fault> faults = {
      Fault::HtmlBadGateway(""),
      Fault::Close(""),
      Fault::Truncate("", 10),
      Fault::Answer("", 200, ""),
      Fault::Answer("", 200, "[{\"id\":1},"),
      Fault::Answer("", 200, "{}"),
      Fault::Answer("", 200, "<html>"),
      Fault::Answer("", 500, "{}"),
      Fault::Answer("", 503, "", {{"Retry-After", "1"}}),
      Fault::Answer("", 422, R"({"message":"too deep"})"),
      Fault::Answer("", 301, ""),
      Fault::Answer("", 304, ""),
      Fault::Answer("", 429, "", {{"Retry-After", "2"}}),
  };
  for (const Fault& fault : faults) {
    for (const char* target : {"/issues?", "/issues/comments", "/graphql"}) {
      Fault one = fault;
      one.target_contains = target;
      one.times = 2;
      github_.AddFault(one);
      const int64_t comment = Comment();
      const int64_t review = repo_.AddReview(pull_, "hubot", "@octocat");
      Ids found;
      for (int attempt = 0; attempt < 8; ++attempt) {
        Poll();
        for (const int64_t id : Mentions(*stream_->queue)) found.push_back(id);
      }
      EXPECT_THAT(found, UnorderedElementsAre(comment, review))
          << fault.status << " " << fault.body << " at " << target;
      github_.ClearFaults();
    }
  }
  EXPECT_FALSE(stream_->poller.ended().has_value());
}

TEST_F(TroubleTest, OnePullRequestThatCannotBeReadDoesNotHoldUpTheOthers) {
  const int64_t other = repo_.AddPull("mona", "Another");
  github_.SetGraphQlFaults({.pulls = {{pull_, {}}}});
  const int64_t failing = repo_.AddReview(pull_, "hubot", "@octocat");
  const int64_t review = repo_.AddReview(other, "hubot", "@octocat");
  Poll();
  EXPECT_EQ(Mentions(*stream_->queue), Ids{review});

  // and it is tried again in the next full poll.
  github_.SetGraphQlFaults({});
  Ids late;
  for (int poll = 0; poll < 10; ++poll) {
    Poll();
    for (const int64_t id : Mentions(*stream_->queue)) late.push_back(id);
  }
  EXPECT_EQ(late, Ids{failing});
}

TEST_F(TroubleTest, NorDoesItInAHistory) {
  // Given three reviews, one of them on a pull request that can't be read
  const int64_t first = repo_.AddReview(pull_, "hubot", "@octocat");
  const int64_t broken = repo_.AddPull("mona", "Another");
  const int64_t failing = repo_.AddReview(broken, "hubot", "@octocat");
  const int64_t third = repo_.AddReview(pull_, "hubot", "@octocat");
  github_.SetGraphQlFaults({.pulls = {{broken, {.field = "reviews"}}}});
  Cancel(*stream_);
  stream_ = Start();
  Ids delivered;
  bool synced = false;
  const auto attempt = [&](int times) {
    for (; times > 0; --times) {
      for (const EventQueue::Event& event : NextAttempt()) {
        if (event.has_mention()) delivered.push_back(event.mention().id());
        synced = synced || event.has_synced();
      }
    }
  };
  for (const EventQueue::Event& event : Drain(*stream_->queue)) {
    if (event.has_mention()) delivered.push_back(event.mention().id());
  }
  // then the others are delivered, and so is what is new; but the history does
  // not count as complete.
  EXPECT_EQ(delivered, (Ids{first, third}));
  attempt(3);
  const int64_t comment = Comment();
  attempt(2);
  EXPECT_EQ(delivered, (Ids{first, third, comment}));
  EXPECT_FALSE(synced);

  github_.SetGraphQlFaults({});
  attempt(1);
  EXPECT_EQ(delivered, (Ids{first, third, comment, failing}));
  EXPECT_TRUE(synced);
}

TEST_F(TroubleTest, AHistoryWithAGapLosesNothingToABreak) {
  // Given a history with mentions in reviews, of which one can't be read at
  // first, while another pull request is updated
  Ids all;
  std::vector<int64_t> pulls;
  for (int i = 0; i < 6; ++i) {
    clock_.Advance(absl::Hours(1));
    pulls.push_back(repo_.AddPull("mona", "Another"));
    if (i > 0 && i < 5) {
      all.push_back(repo_.AddReview(pulls.back(), "hubot", "@octocat"));
    }
  }
  clock_.Advance(absl::Hours(24));
  Cancel(*stream_);
  github_.SetGraphQlFaults({.pulls = {{pulls[2], {.times = 1}}}});
  stream_ = Start();
  std::vector<EventQueue::Event> events = Drain(*stream_->queue);
  repo_.AddIssueComment(pulls.back(), "hubot", "nobody");
  for (const EventQueue::Event& event : NextAttempt()) events.push_back(event);

  Ids before;
  for (const EventQueue::Event& last : events) {
    if (last.has_mention()) before.push_back(last.mention().id());
    // When it is interrupted after any response and resumed elsewhere,
    Subscription subscription = MakeSubscription();
    subscription.token = Secret("ghp_other");
    auto point = DecodeResumeToken(
        last.resume_token(),
        SubscriptionHash(subscription.repo, subscription.target,
                         subscription.sources));
    ASSERT_TRUE(point.ok()) << point.status();
    subscription.progress = *std::move(point);
    const auto resumed = Start(subscription);
    Poll();
    // then each mention comes once.
    Ids delivered = before;
    for (const int64_t id : Mentions(*resumed->queue)) delivered.push_back(id);
    EXPECT_THAT(delivered, testing::UnorderedElementsAreArray(all))
        << "after " << last.ShortDebugString();
    Cancel(*resumed);
  }
  EXPECT_THAT(before, testing::UnorderedElementsAreArray(all));
}

TEST_F(TroubleTest, APullRequestThatIsGoneEndsNothing) {
  GraphQlFaults faults;
  faults.pulls[pull_] = {.type = "NOT_FOUND", .message = "gone"};
  github_.SetGraphQlFaults(faults);
  repo_.AddReview(pull_, "hubot", "@octocat");
  const int64_t other = repo_.AddPull("mona", "For @octocat");
  Poll();
  EXPECT_EQ(Mentions(*stream_->queue).size(), 1U);
  EXPECT_GT(other, 0);
  EXPECT_FALSE(stream_->poller.ended().has_value());
}

TEST_F(TroubleTest, LargePagesThatFailAreRequestedInSmallerOnes) {
  // Given a repository whose pages of a hundred never come
  github_.AddFault(
      ForGood(Fault::HtmlBadGateway("direction=asc&per_page=100")));
  github_.AddFault(ForGood(Fault::HtmlBadGateway("direction=asc&per_page=50")));
  const int64_t comment = Comment();
  Ids found;
  for (int attempt = 0; attempt < 20 && found.empty(); ++attempt) {
    Poll();
    found = Mentions(*stream_->queue);
  }
  EXPECT_EQ(found, Ids{comment});
  EXPECT_GT(CountOf(Asked(), "direction=asc&per_page=25"), 0);
}

TEST_F(TroubleTest, ARenamedRepositoryIsReadAtItsNewUrl) {
  ASSERT_TRUE(github_.Rename("octo/demo", "octo/renamed").ok());
  int64_t comment = Comment();
  Asked();
  Poll();
  EXPECT_EQ(Mentions(*stream_->queue), Ids{comment});
  EXPECT_GT(CountOf(Asked(), "/repos/octo/demo/"), 0);

  comment = Comment();
  Poll();
  EXPECT_EQ(Mentions(*stream_->queue), Ids{comment});
  const auto asked = Asked();
  EXPECT_EQ(CountOf(asked, "/repos/octo/demo/"), 0) << "remembered";
  EXPECT_GT(CountOf(asked, "/repositories/"), 0);

  // But a new stream uses the name that it was given.
  const auto other = Start();
  EXPECT_GT(CountOf(Asked(), "/repos/octo/demo/"), 0);
}

}  // namespace
}  // namespace mentiond
