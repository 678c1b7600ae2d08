// What a stream delivers, and what it reads for that.

#include "lib/stream/poller.h"

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

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

// The stand-in merges nothing, so its answers are changed on their way.
TEST_F(PollerTest, SaysInWhatStateAPullRequestIsWhicheverApiShowsIt) {
  repo_.AddPull("mona", "For @octocat");
  const std::vector<std::tuple<bool, bool, mentions::v1::PullState>> cases = {
      {true, false, mentions::v1::PULL_STATE_OPEN},
      {false, false, mentions::v1::PULL_STATE_CLOSED},
      {false, true, mentions::v1::PULL_STATE_MERGED}};
  for (const auto& [open, merged, state] : cases) {
    clock_.Advance(absl::Hours(1));
    repo_.EditPull(2, absl::StrCat("For @octocat ", state), {.open = open});
    answer_ = [&, merged = merged](const HttpRequest& request) {
      auto response = Ask(github_, request);
      if (response.ok() && merged) {
        absl::StrReplaceAll(
            {{R"("merged_at":null)", R"("merged_at":"2024-01-01T00:00:00Z")"},
             {R"("CLOSED")", R"("MERGED")"}},
            &response->body);
      }
      return response;
    };
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

}  // namespace
}  // namespace mentiond
