#include "lib/stream/poller.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "tests/lib/stream/running_poller.h"
#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

using Ids = std::vector<int64_t>;

class PollerTest : public StreamFixture {
 protected:
  PollerTest() : pull_(repo_.AddPull("mona", "Hello")) {}

  ~PollerTest() override {
    if (poller_) poller_->Stop();
    Run();
  }

  void Start(const Subscription& subscription = MakeSubscription()) {
    poller_.emplace(loop_.get_executor(), environment_, subscription, queue_);
    Run();
  }

  int64_t Comment(const std::string& body) {
    return repo_.AddIssueComment(pull_, "hubot", body);
  }

  const int64_t pull_;
  std::shared_ptr<EventQueue> queue_ = MakeQueue();
  std::optional<RunningPoller> poller_;
};

TEST_F(PollerTest, DeliversTheHistoryThenSynced) {
  const int64_t comment = Comment("@octocat");
  Start();
  const auto events = Drain(*queue_);
  ASSERT_GE(events.size(), 4);
  EXPECT_TRUE(events[events.size() - 2].has_synced());
  EXPECT_TRUE(events.back().has_heartbeat());
  int64_t mention = 0;
  for (const EventQueue::Event& event : events) {
    if (event.has_mention()) mention = event.mention().id();
  }
  EXPECT_EQ(mention, comment);
}

TEST_F(PollerTest, SaysWhomABodyMentionsAndWhere) {
  // Given a body with several mentions, by a bot, in a review
  repo_.AddReview(pull_, "renovate[bot]",
                  "`@octocat` @Octo/Team and @OctoCat, @mona: @octocat");
  const auto only = [this](const std::string& user) {
    const auto queue = MakeQueue();
    RunningPoller poller(loop_.get_executor(), environment_,
                         MakeSubscription(user), queue);
    Run();
    std::vector<mentions::v1::Mention> found;
    for (const EventQueue::Event& event : Drain(*queue)) {
      if (event.has_mention()) found.push_back(event.mention());
    }
    poller.Stop();
    Run();
    EXPECT_EQ(found.size(), 1U) << user;
    return found.empty() ? mentions::v1::Mention() : found.front();
  };
  const auto offsets = [](const mentions::v1::Mention& mention) {
    return std::vector<uint32_t>(mention.offsets().begin(),
                                 mention.offsets().end());
  };
  // then each who subscribes to one of them gets it, with where it stands,
  EXPECT_EQ(offsets(only("octocat")), (std::vector<uint32_t>{26, 43}));
  EXPECT_EQ(offsets(only("octo/team")), (std::vector<uint32_t>{11}));
  EXPECT_EQ(offsets(only("*")), (std::vector<uint32_t>{11, 26, 36, 43}));
  // and with what else is known.
  const mentions::v1::Mention mention = only("mona");
  EXPECT_EQ(std::vector<std::string>(mention.mentioned().begin(),
                                     mention.mentioned().end()),
            (std::vector<std::string>{"octo/team", "octocat", "mona"}));
  EXPECT_EQ(mention.author_kind(), mentions::v1::AUTHOR_KIND_BOT);
  EXPECT_EQ(mention.state(), mentions::v1::PULL_STATE_OPEN);
  EXPECT_NE(mention.title(), "");
}

TEST_F(PollerTest, PollsOnceEachInterval) {
  Start();
  Drain(*queue_);
  const int64_t comment = Comment("@octocat");

  // The first comes within an interval, at the phase of its repository.
  const absl::Time first = clock_.NextDeadline();
  EXPECT_GT(first, clock_.Now());
  EXPECT_LE(first, clock_.Now() + kInterval);
  clock_.Advance(first - clock_.Now() - absl::Nanoseconds(1));
  Run();
  EXPECT_TRUE(Drain(*queue_).empty()) << "too early";
  clock_.Advance(absl::Nanoseconds(1));
  Run();
  EXPECT_EQ(Mentions(*queue_), Ids{comment});

  // The others follow after an interval each.
  EXPECT_EQ(clock_.NextDeadline(), first + kInterval);
  Poll();
  const auto events = Drain(*queue_);
  ASSERT_EQ(events.size(), 1U) << "nothing is new, and no progress";
  EXPECT_TRUE(events[0].has_heartbeat());
}

TEST_F(PollerTest, ReadsOnlyTheListingsItNeeds) {
  mentions::v1::SubscribeRequest request;
  request.set_repo("octo/demo");
  request.set_user("octocat");
  request.add_sources(Source::SOURCE_REVIEW_COMMENT);
  Start(*ParseSubscription(request, "", "github.test"));
  ASSERT_FALSE(transport_.requests().empty());
  for (const HttpRequest& sent : transport_.requests()) {
    EXPECT_NE(sent.url.find("/pulls/comments"), std::string::npos);
  }
}

TEST_F(PollerTest, ReadsReviewsOnlyOfPullRequestsThatWereUpdated) {
  const int64_t quiet = repo_.AddPull("mona", "Another");
  clock_.Advance(absl::Hours(1));
  Start();
  clock_.Advance(absl::Hours(1));
  Run();
  const size_t before = transport_.requests().size();

  const int64_t review = repo_.AddReview(pull_, "hubot", "@octocat, fine");
  Poll();
  EXPECT_EQ(Mentions(*queue_), Ids{review});
  int queries = 0;
  for (size_t i = before; i < transport_.requests().size(); ++i) {
    const std::optional<std::string>& query =
        transport_.requests()[i].post_body;
    if (!query) continue;
    ++queries;
    EXPECT_EQ(query->find("pullRequest(number:" + std::to_string(quiet) + ")"),
              std::string::npos);
  }
  EXPECT_EQ(queries, 1);
}

TEST_F(PollerTest, DeliversAReviewOfTheSecondInWhichAnotherWasRead) {
  Start();
  Drain(*queue_);
  const int64_t first = repo_.AddReview(pull_, "hubot", "@octocat, fine");
  clock_.Advance(kInterval);
  // The pull request's time is the same second's for both.
  const absl::Time second = clock_.Now() - kInterval;
  Run();
  EXPECT_EQ(Mentions(*queue_), Ids{first});

  const int64_t other =
      repo_.AddReview(pull_, "mona", "@octocat, and from me",
                      {.created_at = second, .pull_updated_at = second});
  Poll();
  EXPECT_EQ(Mentions(*queue_), Ids{other});
}

TEST_F(PollerTest, DeliversReviewsOldestFirstAcrossPullRequests) {
  const int64_t other = repo_.AddPull("mona", "Another");
  const absl::Time now = clock_.Now();
  const int64_t second = repo_.AddReview(pull_, "hubot", "@octocat",
                                         {.created_at = now - absl::Hours(1)});
  const int64_t first = repo_.AddReview(other, "hubot", "@octocat",
                                        {.created_at = now - absl::Hours(2)});
  Start();
  EXPECT_EQ(Mentions(*queue_), (Ids{first, second}));
}

TEST_F(PollerTest, ResumesAfterAFaultWithoutLosingOrRepeating) {
  // Given 150 mentions on two pages, the second of which fails at first
  Ids expected;
  for (int i = 0; i < 150; ++i) {
    clock_.Advance(absl::Seconds(1));
    expected.push_back(Comment("@octocat"));
  }
  Fault fault = Fault::Answer("/issues/comments", 502);
  fault.skip = 1;
  fault.times = 2;
  github_.AddFault(fault);

  // When the poller starts, then it delivers what it has read,
  Start();
  EXPECT_EQ(Mentions(*queue_).size(), 100);
  EXPECT_FALSE(poller_->ended().has_value());

  // and the rest after its retries, of which the first comes after a second.
  clock_.Advance(absl::Seconds(1));
  Run();
  EXPECT_TRUE(Mentions(*queue_).empty());
  clock_.Advance(absl::Seconds(2));
  Run();
  EXPECT_EQ(Mentions(*queue_).size(), 50);
}

TEST_F(PollerTest, EndsWithTheReasonWhenItCannotContinue) {
  github_.AddFault(Fault::Answer("/issues", 404, R"({"message":"Not Found"})"));
  Start();
  ASSERT_TRUE(poller_->ended().has_value());
  EXPECT_TRUE(absl::IsNotFound(*poller_->ended())) << *poller_->ended();
}

TEST_F(PollerTest, EndsWhenCancelledWhileItSleeps) {
  Start();
  EXPECT_FALSE(poller_->ended().has_value());
  poller_->Stop();
  Run();
  ASSERT_TRUE(poller_->ended().has_value());
  EXPECT_TRUE(absl::IsCancelled(*poller_->ended()));
}

TEST_F(PollerTest, EndsWhenCancelledDuringARequest) {
  transport_.Hold();
  Start();
  ASSERT_EQ(transport_.waiting(), 1);
  poller_->Stop();
  Run();
  ASSERT_TRUE(poller_->ended().has_value());
  EXPECT_TRUE(absl::IsCancelled(*poller_->ended()));
  EXPECT_EQ(transport_.waiting(), 0);
}

TEST_F(PollerTest, WaitsForASlowReaderAndEndsWhenCancelledThen) {
  queue_ = MakeQueue({.events = 1, .bytes = 1000});
  Comment("@octocat one");
  Comment("@octocat two");
  Start();
  // The last listing of a history, which is read once more at its end.
  const auto has_finished = [&] {
    return transport_.requests().back().url.find("/pulls/comments") !=
               std::string::npos &&
           transport_.requests().size() > 5;
  };
  EXPECT_FALSE(has_finished()) << "it reads no further";
  std::vector<EventQueue::Event> events;
  for (int i = 0; i < 5; ++i) {
    for (EventQueue::Event& event : Drain(*queue_)) {
      events.push_back(std::move(event));
    }
    Run();
  }
  EXPECT_TRUE(has_finished()) << "it continues when somebody reads";
  EXPECT_EQ(
      std::count_if(events.begin(), events.end(),
                    [](const auto& event) { return event.has_mention(); }),
      2);
  poller_->Stop();
  Run();
  EXPECT_TRUE(poller_->ended().has_value());
}

TEST_F(PollerTest, ReportsProgressThatEndsAtItsTotal) {
  for (int i = 0; i < 250; ++i) {
    clock_.Advance(absl::Seconds(1));
    Comment("hello");
  }
  Start();
  std::vector<mentions::v1::SyncProgress> progress;
  for (const EventQueue::Event& event : Drain(*queue_)) {
    if (event.has_sync_progress()) progress.push_back(event.sync_progress());
  }
  // One page of issues, three of comments, one of review comments.
  ASSERT_EQ(progress.size(), 5);
  EXPECT_EQ(progress.back().pages_done(), 5);
  for (const auto& step : progress) EXPECT_EQ(step.pages_total(), 5);
}

}  // namespace
}  // namespace mentiond
