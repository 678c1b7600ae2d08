// Mentions that come while a stream is open: what is delivered, and that
// nothing else is.

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

using mentions::v1::Mention;
using mentions::v1::Source;

class LiveTest : public testing::Test {
 protected:
  LiveTest()
      : repo_(service_.github().repo(kRepo)),
        pull_(repo_.AddPull("mona", "Speeds it up.")) {}

  // A mention whose arrival shows that all that came before it has been seen.
  int64_t AddMarker() {
    return repo_.AddIssueComment(pull_, "hubot", "@octocat marker");
  }

  Service service_;
  FakeRepository& repo_;
  const int64_t pull_;
};

TEST_F(LiveTest, DeliversEachSourceAsItComes) {
  // Given an open stream on a repository without mentions
  const auto stream = service_.Subscribe(kRepo, "octocat");
  EXPECT_TRUE(stream->ReadHistory().empty());

  // When the user is mentioned in each kind of text, one after another, then
  // each arrives with everything that is known of it.
  const int64_t comment =
      repo_.AddIssueComment(pull_, "hubot", "@octocat, look");
  auto mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->source(), Source::SOURCE_PULL_REQUEST_COMMENT);
  EXPECT_EQ(mention->id(), comment);
  EXPECT_EQ(mention->pull_request(), pull_);
  EXPECT_EQ(mention->author(), "hubot");
  EXPECT_EQ(mention->body(), "@octocat, look");
  EXPECT_NE(mention->url().find(
                absl::StrCat("/pull/", pull_, "#issuecomment-", comment)),
            std::string::npos)
      << mention->url();
  EXPECT_GT(mention->updated_at().seconds(), 0);

  const int64_t on_diff = repo_.AddReviewComment(pull_, "", "and @octocat?");
  mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->source(), Source::SOURCE_REVIEW_COMMENT);
  EXPECT_EQ(mention->id(), on_diff);
  EXPECT_EQ(mention->author(), "") << "a deleted account";

  const int64_t review = repo_.AddReview(pull_, "hubot", "Fine, @OctoCat.");
  mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->source(), Source::SOURCE_REVIEW);
  EXPECT_EQ(mention->id(), review);
  EXPECT_EQ(mention->pull_request(), pull_);

  const int64_t other = repo_.AddPull("mona", "For @octocat.");
  mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->source(), Source::SOURCE_PULL_REQUEST);
  EXPECT_EQ(mention->pull_request(), other);
}

TEST_F(LiveTest, DeliversIssuesOnlyWhenAskedTo) {
  // Given one stream with the default sources and one for issues
  const auto pulls = service_.Subscribe(kRepo, "octocat");
  mentions::v1::SubscribeRequest request;
  request.set_repo(kRepo);
  request.set_user("octocat");
  request.set_token(kToken);
  request.add_sources(Source::SOURCE_ISSUE);
  request.add_sources(Source::SOURCE_ISSUE_COMMENT);
  const auto issues = service_.Subscribe(request);
  pulls->ReadHistory();
  issues->ReadHistory();

  // When an issue mentions the user, then only the second tells.
  const int64_t issue = repo_.AddIssue("mona", "@octocat, it breaks");
  auto mention = issues->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->source(), Source::SOURCE_ISSUE);
  EXPECT_EQ(mention->pull_request(), issue);

  const int64_t comment = repo_.AddIssueComment(issue, "hubot", "@octocat");
  mention = issues->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->source(), Source::SOURCE_ISSUE_COMMENT);
  EXPECT_EQ(mention->id(), comment);

  const int64_t marker = AddMarker();
  mention = pulls->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->id(), marker);
}

TEST_F(LiveTest, DeliversAnEditThatAddsTheMentionAndEachLaterVersion) {
  // Given a comment that mentions nobody
  const absl::Time past = absl::Now() - absl::Minutes(1);
  const int64_t comment =
      repo_.AddIssueComment(pull_, "hubot", "hello", {.created_at = past});
  const auto stream = service_.Subscribe(kRepo, "octocat");
  EXPECT_TRUE(stream->ReadHistory().empty());

  // When an edit adds the mention
  repo_.EditIssueComment(comment, "hello @octocat",
                         {.updated_at = past + absl::Seconds(10)});
  auto mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->id(), comment);
  EXPECT_EQ(mention->updated_at().seconds(), absl::ToUnixSeconds(past) + 10);

  // and another one changes it, then both versions come, and each once.
  repo_.EditIssueComment(comment, "hello, @octocat!",
                         {.updated_at = past + absl::Seconds(20)});
  mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->id(), comment);
  EXPECT_EQ(mention->body(), "hello, @octocat!");
  EXPECT_EQ(mention->updated_at().seconds(), absl::ToUnixSeconds(past) + 20);

  const int64_t marker = AddMarker();
  mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->id(), marker);
}

TEST_F(LiveTest, DoesNotRepeatADescriptionWhenThePullRequestIsUpdated) {
  repo_.EditPull(pull_, "Speeds it up, @octocat.");
  const auto stream = service_.Subscribe(kRepo, "octocat");
  EXPECT_EQ(stream->ReadHistory().size(), 1);

  // A comment updates its pull request; only the comment is new.
  const int64_t marker = AddMarker();
  auto mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->id(), marker);

  repo_.EditPull(pull_, "Speeds it up a lot, @octocat.",
                 {.updated_at = absl::Now() + absl::Seconds(1)});
  mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->source(), Source::SOURCE_PULL_REQUEST);
  EXPECT_EQ(mention->body(), "Speeds it up a lot, @octocat.");
}

TEST_F(LiveTest, DeliversABurstWithinOneSecondWhole) {
  const auto stream = service_.Subscribe(kRepo, "octocat");
  EXPECT_TRUE(stream->ReadHistory().empty());

  // When 365 review comments come in the same second (a real repository has
  // that), then each arrives, once.
  const absl::Time second = absl::Now();
  std::set<int64_t> added;
  for (int i = 0; i < 365; ++i) {
    added.insert(
        repo_.AddReviewComment(pull_, "hubot", absl::StrCat("@octocat ", i),
                               {.created_at = second, .updated_at = second}));
  }
  std::multiset<int64_t> delivered;
  for (int i = 0; i < 365; ++i) {
    const auto mention = stream->NextMention();
    ASSERT_TRUE(mention.has_value());
    delivered.insert(mention->id());
  }
  EXPECT_EQ(std::set<int64_t>(delivered.begin(), delivered.end()), added);

  const int64_t marker = AddMarker();
  const auto mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->id(), marker) << "something was repeated";
}

TEST_F(LiveTest, DeliversACommentThatBecomesVisibleLate) {
  const auto stream = service_.Subscribe(kRepo, "octocat");
  stream->ReadHistory();
  AddMarker();
  ASSERT_TRUE(stream->NextMention().has_value());

  // A comment whose time lies before what has been read already
  const int64_t late =
      repo_.AddIssueComment(pull_, "hubot", "@octocat, sorry to be late",
                            {.created_at = absl::Now() - absl::Seconds(100)});
  const auto mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->id(), late);
}

TEST_F(LiveTest, TwoUsersOfOneRepositoryGetTheirOwnMentions) {
  const auto octocat = service_.Subscribe(kRepo, "octocat");
  const auto hubot = service_.Subscribe(kRepo, "@HUBOT");
  octocat->ReadHistory();
  hubot->ReadHistory();

  const int64_t for_octocat =
      repo_.AddIssueComment(pull_, "mona", "@octocat please");
  const int64_t for_hubot =
      repo_.AddIssueComment(pull_, "mona", "@hubot please");
  const int64_t for_both =
      repo_.AddIssueComment(pull_, "mona", "@octocat @hubot thanks");

  EXPECT_EQ(octocat->NextMention()->id(), for_octocat);
  EXPECT_EQ(octocat->NextMention()->id(), for_both);
  EXPECT_EQ(hubot->NextMention()->id(), for_hubot);
  EXPECT_EQ(hubot->NextMention()->id(), for_both);
}

}  // namespace
}  // namespace mentiond
