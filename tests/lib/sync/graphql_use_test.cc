// How GitHub's GraphQL API is used: queries that fit its schema, its own rate
// limit, its ways to fail.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/graphql/schema_check.h"
#include "tests/lib/stream/streams_fixture.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

using mentions::v1::Delayed;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class GraphQlUseTest : public StreamsFixture {
 protected:
  GraphQlUseTest() { github_.SetLimit(1'000'000, 1'000'000); }

  void AddPulls(int count) {
    for (int i = 0; i < count; ++i) {
      clock_.Advance(absl::Seconds(30));
      const int64_t pull = repo_.AddPull("mona", "A change");
      repo_.AddReview(pull, "hubot", absl::StrCat("@octocat ", i));
    }
    clock_.Advance(absl::Hours(24));
  }

  size_t Delivered(OpenStream& stream) {
    return Mentions(*stream.queue).size();
  }
};

// Everything that a pull request can have, and more of it than fits a page.
void Populate(FakeRepository& repo, FakeClock& clock) {
  const int64_t pull = repo.AddPull("renovate[bot]", "For @octocat");
  repo.AddPull("", std::nullopt);
  repo.AddIssue("mona", "@octocat, an issue");
  for (int i = 0; i < 130; ++i) {
    clock.Advance(absl::Seconds(1));
    repo.AddReview(pull, i % 3 == 0 ? "" : "hubot",
                   i % 50 == 0 ? "@octocat" : "fine");
    repo.AddIssueComment(pull, "hubot", i % 50 == 0 ? "@octocat" : "fine");
  }
  const int64_t review = repo.AddReview(pull, "hubot", "many comments");
  for (int i = 0; i < 40; ++i) {
    repo.AddReviewComment(pull, "renovate[bot]", i == 39 ? "@octocat" : "fine",
                          {.review_id = review});
  }
  repo.EditReview(review, "many comments, @octocat");
  repo.EditPull(pull, "For @octocat, edited");
  clock.Advance(absl::Hours(24));
}

TEST_F(GraphQlUseTest, QueriesAndResponsesFitGitHubsSchema) {
  const auto schema = SharedPath("github-api/schema.graphql");
  if (!schema) {
    GTEST_SKIP() << "../shared/github-api/schema.graphql is absent: queries "
                    "are not checked against it";
  }
  Populate(repo_, clock_);
  std::vector<GraphQlExchange> exchanges;
  FakeTransport recording([&](const HttpRequest& request) {
    auto response = Ask(github_, request);
    if (request.post_body) {
      exchanges.push_back({*request.post_body, response->body});
    }
    return response;
  });
  GitHubClient client(loop_.get_executor(), recording, clock_,
                      {.api_url = kInProcessApi, .random = [] { return 0.0; }});
  PollerEnvironment environment{.github = client,
                                .clock = clock_,
                                .random = [] { return 0.0; },
                                .poll_interval = kInterval};
  // Partial data, too.
  github_.SetGraphQlFaults(
      {.pulls = {{2, {.type = "INTERNAL", .times = 1}},
                 {1, {.type = "", .field = "reviews", .times = 1}}}});
  for (const auto history :
       {mentions::v1::HISTORY_COMPLETE, mentions::v1::HISTORY_SEARCH}) {
    for (const bool issues : {false, true}) {
      mentions::v1::SubscribeRequest request;
      request.set_repo("octo/demo");
      request.set_user("octocat");
      request.set_token(absl::StrCat("ghp_", history, issues));
      request.set_history(history);
      if (issues) {
        for (int source = 1; source <= 6; ++source) {
          request.add_sources(static_cast<Source>(source));
        }
      }
      const auto stream =
          Open(*ParseSubscription(request, "", "github.test"), environment);
      Run();
      for (int i = 0; i < 5; ++i) Poll();
      EXPECT_EQ(Delivered(*stream), issues ? 10U : 9U) << history;
    }
  }
  StopAll();
  EXPECT_THAT(exchanges, SizeIs(testing::Ge(12)));
  const absl::Status status = CheckGraphQl(*schema, exchanges);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(GraphQlUseTest, ItsRateLimitIsReportedBesideRests) {
  AddPulls(1);
  const auto stream = Start();
  bool reported = false;
  for (const EventQueue::Event& event : Drain(*stream->queue)) {
    if (!event.has_heartbeat()) continue;
    const auto& heartbeat = event.heartbeat();
    reported = true;
    EXPECT_EQ(heartbeat.graphql_rate_limit().limit(), 5000U);
    EXPECT_LT(heartbeat.graphql_rate_limit().remaining(), 5000U);
    EXPECT_GT(heartbeat.graphql_rate_limit().remaining(), 4990U);
    EXPECT_EQ(heartbeat.rate_limit().limit(), 1'000'000U);
  }
  EXPECT_TRUE(reported);
}

TEST_F(GraphQlUseTest, AUsedUpLimitWithStatus200DelaysTheStream) {
  AddPulls(1);
  const auto stream = Start();
  Drain(*stream->queue);
  github_.SetRemaining("ghp_test", 0, RateResource::kGraphQl);
  repo_.AddReview(1, "hubot", "@octocat, a review");
  repo_.AddIssueComment(1, "hubot", "@octocat, a comment");
  Poll();
  bool delayed = false;
  size_t mentions = 0;
  for (const EventQueue::Event& event : Drain(*stream->queue)) {
    mentions += event.has_mention() ? 1 : 0;
    if (!event.has_delayed()) continue;
    delayed = true;
    EXPECT_EQ(event.delayed().reason(), Delayed::REASON_RATE_LIMITED);
  }
  EXPECT_TRUE(delayed);
  EXPECT_EQ(mentions, 1U) << "REST has a limit of its own";

  clock_.Advance(absl::Hours(1));
  Run();
  EXPECT_EQ(Delivered(*stream), 1U);
}

TEST_F(GraphQlUseTest, QueriesThatTakeTooLongAreMadeSmaller) {
  AddPulls(150);
  for (const auto manner :
       {GraphQlFaults::TooLarge::kBadGateway, GraphQlFaults::TooLarge::kTimeout,
        GraphQlFaults::TooLarge::kResourceLimits}) {
    // Queries request up to a hundred reviews of each pull request.
    github_.SetGraphQlFaults({.max_nodes = 3000, .too_large = manner});
    github_.ClearLog();
    Subscription subscription = MakeSubscription();
    subscription.token = Secret(absl::StrCat("ghp_", static_cast<int>(manner)));
    const auto stream = Start(subscription);
    for (int attempt = 0; attempt < 5; ++attempt) Poll();
    EXPECT_EQ(Delivered(*stream), 150U);
    // Two failures, six batches of 25, and few more.
    EXPECT_LE(github_.stats().graphql_requests, 12);
    Cancel(*stream);
  }
}

TEST_F(GraphQlUseTest, AnIdleRepositoryCostsNoPoints) {
  AddPulls(10);
  const auto stream = Start();
  github_.ClearLog();
  for (int poll = 0; poll < 120; ++poll) Poll();
  EXPECT_EQ(github_.stats().graphql_requests, 0);
  EXPECT_EQ(github_.stats().points, 0);
}

TEST_F(GraphQlUseTest, ManyPullRequestsThatWereUpdatedAreReadTogether) {
  AddPulls(60);
  const auto stream = Start();
  Drain(*stream->queue);
  github_.ClearLog();
  for (int64_t pull = 1; pull <= 60; ++pull) {
    repo_.AddReview(pull, "hubot", "@octocat");
  }
  Poll();
  EXPECT_EQ(Delivered(*stream), 60U);
  EXPECT_EQ(github_.stats().graphql_requests, 1);
}

}  // namespace
}  // namespace mentiond
