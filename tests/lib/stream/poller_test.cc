// What a stream delivers, and what it reads for that.

#include "lib/stream/poller.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "prometheus/registry.h"

#include "lib/metrics/metrics.h"
#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

using mentions::v1::Mention;
using ::testing::ElementsAre;

class PollerTest : public StreamFixture {
 protected:
  std::vector<Mention> MentionsOf(const Subscription& subscription) {
    std::vector<Mention> found;
    for (const EventQueue::Event& event : Drain(*Start(subscription)->queue)) {
      if (event.has_mention()) found.push_back(event.mention());
    }
    return found;
  }

  const int64_t pull_ = repo_.AddPull("mona", "Hello");
};

// Shows: `Mention.mentioned` and `Mention.offsets`
TEST_F(PollerTest, SaysWhomABodyMentionsAndWhere) {
  repo_.AddReview(pull_, "hubot",
                  "`@octocat` @Octo/Team and @OctoCat, @mona: @octocat");
  const std::vector<std::pair<std::string, std::vector<uint32_t>>> cases = {
      {"octocat", {26, 43}},
      {"octo/team", {11}},
      {"mona", {36}},
      {"*", {11, 26, 36, 43}}};
  for (const auto& [user, offsets] : cases) {
    const auto found = MentionsOf(MakeSubscription(user));
    ASSERT_EQ(found.size(), 1U) << user;
    EXPECT_THAT(found[0].offsets(), testing::ElementsAreArray(offsets));
    EXPECT_THAT(found[0].mentioned(),
                ElementsAre("octo/team", "octocat", "mona"));
    EXPECT_NE(found[0].title(), "");
  }
}

// Shows: `Mention.author_kind`, with GHOST
TEST_F(PollerTest, SaysWhatKindOfAccountWroteWhicheverApiShowsIt) {
  const std::vector<std::pair<std::string, mentions::v1::AuthorKind>> cases = {
      {"mona", mentions::v1::AUTHOR_KIND_USER},
      {"renovate[bot]", mentions::v1::AUTHOR_KIND_BOT},
      {"ghost", mentions::v1::AUTHOR_KIND_GHOST},
      {"", mentions::v1::AUTHOR_KIND_GHOST}};  // a deleted account
  for (const auto& [author, kind] : cases) {
    clock_.Advance(absl::Hours(1));
    const absl::Time since = clock_.Now();
    repo_.AddIssueComment(pull_, author, "@octocat, by REST");
    repo_.AddReview(pull_, author, "@octocat, by GraphQL");
    const auto found = MentionsOf(SubscriptionWith([&](auto& request) {
      request.mutable_since()->set_seconds(absl::ToUnixSeconds(since));
    }));
    ASSERT_EQ(found.size(), 2U) << author;
    for (const Mention& mention : found) {
      EXPECT_EQ(mention.author(), author);
      EXPECT_EQ(mention.author_kind(), kind) << mention.ShortDebugString();
    }
  }
}

// Shows: `Mention.state`, with MERGED
// The stand-in merges nothing, so its answers are changed on their way.
TEST_F(PollerTest, SaysInWhatStateAPullRequestIsWhicheverApiShowsIt) {
  repo_.AddPull("mona", "For @octocat");
  const std::vector<std::tuple<bool, bool, mentions::v1::PullState>> cases = {
      {true, false, mentions::v1::PULL_STATE_OPEN},
      {false, false, mentions::v1::PULL_STATE_CLOSED},
      {false, true, mentions::v1::PULL_STATE_MERGED}};
  for (const auto& [open, merged, state] : cases) {
    clock_.Advance(absl::Hours(1));
    repo_.EditPull(2, absl::StrCat("For @octocat ", state),
                   {.open = open, .merged = merged});
    // REST alone, without a token.
    for (const std::string token : {"", "ghp_test"}) {
      const auto found = MentionsOf(WithToken(token));
      ASSERT_EQ(found.size(), 1U);
      EXPECT_EQ(found[0].state(), state) << "token: " << token;
    }
  }
}

TEST_F(PollerTest, ReadsOnlyTheListingsItNeeds) {
  Start(SubscriptionWith([](auto& request) {
    request.add_sources(Source::SOURCE_REVIEW_COMMENT);
  }));
  const auto asked = Asked();
  EXPECT_THAT(asked, testing::Not(testing::IsEmpty()));
  EXPECT_THAT(asked, testing::Each(testing::HasSubstr("/pulls/comments")));
}

TEST_F(PollerTest, ReadsReviewsOnlyOfPullRequestsThatWereUpdated) {
  repo_.AddPull("mona", "Another, which stays quiet");
  clock_.Advance(absl::Hours(1));
  const auto stream = Start();
  clock_.Advance(absl::Hours(1));
  Run();
  github_.ClearLog();
  const int64_t review = repo_.AddReview(pull_, "hubot", "@octocat, fine");
  EXPECT_EQ(MentionsAfter(1, *stream), Ids{review});
  std::vector<std::string> queries;
  for (const RequestRecord& request : github_.requests()) {
    if (!request.body.empty()) queries.push_back(request.body);
  }
  ASSERT_EQ(queries.size(), 1U);
  EXPECT_EQ(CountOf(queries, "pullRequest(number:2)"), 0);
}

TEST_F(PollerTest, DeliversAReviewOfTheSecondInWhichAnotherWasRead) {
  const auto stream = Start();
  // The pull request's time is the same second's for both.
  const absl::Time second = clock_.Now();
  const int64_t first = repo_.AddReview(pull_, "hubot", "@octocat, fine");
  EXPECT_EQ(MentionsAfter(1, *stream), Ids{first});
  const int64_t other =
      repo_.AddReview(pull_, "mona", "@octocat, and from me",
                      {.created_at = second, .pull_updated_at = second});
  EXPECT_EQ(MentionsAfter(1, *stream), Ids{other});
}

TEST_F(PollerTest, DeliversReviewsOldestFirstAcrossPullRequests) {
  const int64_t other = repo_.AddPull("mona", "Another");
  const absl::Time now = clock_.Now();
  const int64_t second = repo_.AddReview(pull_, "hubot", "@octocat",
                                         {.created_at = now - absl::Hours(1)});
  const int64_t first = repo_.AddReview(other, "hubot", "@octocat",
                                        {.created_at = now - absl::Hours(2)});
  EXPECT_EQ(NewMentions(*Start()), (Ids{first, second}));
}

TEST_F(PollerTest, WaitsForASlowReader) {
  // Given a client with space for one event
  const Ids comments = {repo_.AddIssueComment(pull_, "hubot", "@octocat one"),
                        repo_.AddIssueComment(pull_, "hubot", "@octocat two")};
  const auto stream = Open(MakeSubscription(), {.events = 1, .bytes = 1000});
  Run();
  // then the stream reads no further than it can deliver,
  EXPECT_EQ(stream->queue->size(), 1U);
  const auto asked = Asked();
  Run();
  EXPECT_THAT(Asked(), testing::IsEmpty());
  EXPECT_LT(asked.size(), 5U);
  // and continues when somebody reads.
  Ids found;
  for (int i = 0; i < 10; ++i) {
    for (const int64_t id : NewMentions(*stream)) found.push_back(id);
    Run();
  }
  EXPECT_EQ(found, comments);
  EXPECT_GE(asked.size() + Asked().size(), 6U);
}

TEST_F(PollerTest, ReportsProgressThatEndsAtItsTotal) {
  for (int i = 0; i < 250; ++i) {
    clock_.Advance(absl::Seconds(1));
    repo_.AddIssueComment(pull_, "hubot", "hello");
  }
  std::vector<uint32_t> done;
  for (const EventQueue::Event& event : Drain(*Start()->queue)) {
    if (!event.has_sync_progress()) continue;
    done.push_back(event.sync_progress().pages_done());
    EXPECT_EQ(event.sync_progress().pages_total(), 5U);
  }
  // One page of issues, three of comments, one of review comments.
  EXPECT_THAT(done, ElementsAre(3, 3, 4, 5, 5));
}

TEST_F(PollerTest, WhatHasBeenReadIsNotReadAgain) {
  // Given a stream that is interrupted while it reads a long history
  Ids written;
  for (int i = 0; i < 400; ++i) {
    clock_.Advance(absl::Seconds(100));
    const std::string body = i % 20 == 0 ? "for @octocat" : "hello";
    const int64_t pull = repo_.AddPull("mona", "a change");
    const int64_t review = repo_.AddReview(pull, "hubot", body);
    if (i % 20 == 0) written.push_back(review);
    for (int comment = 0; comment < 10; ++comment) {
      clock_.Advance(absl::Seconds(1));
      const int64_t id =
          repo_.AddIssueComment(pull, "hubot", comment == 0 ? body : "hello");
      if (i % 20 == 0 && comment == 0) written.push_back(id);
    }
  }
  clock_.Advance(absl::Hours(24));
  const Events all = Drain(*Start(WithToken("ghp_whole"))->queue);
  const size_t whole = Asked().size();
  EXPECT_THAT(MentionsIn(all), testing::UnorderedElementsAreArray(written));

  // The first pages of three listings, one query for the pull requests with
  // mentions not delivered yet, and the second reading of a history.
  const size_t again = 8;
  for (const int percent : {25, 50, 75, 90}) {
    // When a client resumes with a token from within it
    const auto last =
        all.begin() + static_cast<ptrdiff_t>(all.size() * percent / 100);
    const auto stream = Start(SubscriptionWith([&](auto& request) {
      request.set_token(absl::StrCat("ghp_", percent));
      request.set_resume_token(last->resume_token());
    }));
    // then it costs what is left, and gives what is left.
    EXPECT_LT(Asked().size(), whole * (100 - percent) / 100 + again);
    Ids found = MentionsIn({all.begin(), last + 1});
    for (const int64_t id : NewMentions(*stream)) found.push_back(id);
    EXPECT_THAT(found, testing::UnorderedElementsAreArray(written));
    Cancel(*stream);
  }
}

TEST_F(PollerTest, AMentionIsDeliveredWhenTheClientsQueueHasSpace) {
  prometheus::Registry registry;
  Metrics metrics(registry);
  environment_.metrics = &metrics;
  const auto histogram = [&](const char* name = "mentiond_delivery_seconds") {
    for (const prometheus::MetricFamily& family : registry.Collect()) {
      if (family.name == name) return family.metric.front().histogram;
    }
    return prometheus::ClientMetric::Histogram();
  };
  for (const bool reads : {true, false}) {
    // Given a client with space for one event, which has read the history,
    const auto stream = Open(MakeSubscription(), {.events = 1, .bytes = 1000});
    Run();
    while (!Drain(*stream->queue).empty()) Run();
    const auto before = histogram().sample_count;

    // when a poll finds two mentions, then only the first is delivered,
    repo_.AddIssueComment(pull_, "hubot", "@octocat one");
    repo_.AddIssueComment(pull_, "hubot", "@octocat two");
    Poll();
    const auto first = histogram();
    EXPECT_EQ(first.sample_count, before + 1);
    EXPECT_TRUE(before > 0 || first.sample_sum <= 60);

    // and the second when the client reads again, an hour later,
    clock_.Advance(absl::Hours(1));
    Run();
    EXPECT_EQ(histogram().sample_count, before + 1);
    if (reads) {
      Drain(*stream->queue);
      Run();
      for (const char* name : {"mentiond_delivery_seconds",
                               "mentiond_delivery_after_response_seconds"}) {
        EXPECT_EQ(histogram(name).sample_count, before + 2) << name;
        EXPECT_GE(histogram(name).sample_sum, 3600) << name;
      }
    }
    // or never.
    Cancel(*stream);
    EXPECT_EQ(histogram().sample_count, before + (reads ? 2 : 1));
  }
  StopAll();
}

}  // namespace
}  // namespace mentiond
