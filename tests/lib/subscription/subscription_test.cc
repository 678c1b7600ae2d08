#include "lib/subscription/subscription.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/subscription/resume_token.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

SubscribeRequest ValidRequest() {
  SubscribeRequest request;
  request.set_repo("octo/demo");
  request.set_user("octocat");
  return request;
}

absl::StatusOr<Subscription> Parse(const SubscribeRequest& request,
                                   std::string authorization = "") {
  return ParseSubscription(request, authorization, "github.com");
}

void ExpectRefused(const SubscribeRequest& request, const std::string& field,
                   const std::string& authorization = "") {
  const absl::StatusOr<Subscription> parsed = Parse(request, authorization);
  ASSERT_FALSE(parsed.ok()) << request.ShortDebugString().substr(0, 100);
  EXPECT_TRUE(absl::IsInvalidArgument(parsed.status()));
  EXPECT_THAT(std::string(parsed.status().message()), StartsWith(field + ": "));
  EXPECT_LT(parsed.status().message().size(), 300);
}

TEST(SubscriptionTest, TakesAMinimalRequest) {
  const auto parsed = Parse(ValidRequest());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->repo.ToString(), "octo/demo");
  EXPECT_EQ(parsed->target.name(), "octocat");
  EXPECT_TRUE(parsed->token.empty());
  EXPECT_EQ(parsed->progress.since, std::nullopt);
}

TEST(SubscriptionTest, ReadsPullRequestsOnlyByDefault) {
  const auto parsed = Parse(ValidRequest());
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->sources.Contains(Source::SOURCE_PULL_REQUEST));
  EXPECT_TRUE(parsed->sources.Contains(Source::SOURCE_PULL_REQUEST_COMMENT));
  EXPECT_TRUE(parsed->sources.Contains(Source::SOURCE_REVIEW_COMMENT));
  EXPECT_TRUE(parsed->sources.Contains(Source::SOURCE_REVIEW));
  EXPECT_FALSE(parsed->sources.Contains(Source::SOURCE_ISSUE));
  EXPECT_FALSE(parsed->sources.Contains(Source::SOURCE_ISSUE_COMMENT));
}

TEST(SubscriptionTest, TakesTheRequestedSources) {
  SubscribeRequest request = ValidRequest();
  request.add_sources(Source::SOURCE_ISSUE);
  request.add_sources(Source::SOURCE_ISSUE);
  const auto parsed = Parse(request);
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->sources.Contains(Source::SOURCE_ISSUE));
  EXPECT_FALSE(parsed->sources.Contains(Source::SOURCE_PULL_REQUEST));
}

TEST(SubscriptionTest, RefusesUnknownSources) {
  for (const int source : {0, 7, -1, 1000}) {
    SubscribeRequest request = ValidRequest();
    request.add_sources(static_cast<Source>(source));
    ExpectRefused(request, "sources");
  }
}

TEST(SubscriptionTest, RefusesMalformedRepositories) {
  for (const std::string& repo :
       {std::string(), std::string("a"), std::string("a/b/c"),
        std::string("a/.."), std::string("../x"),
        std::string("https://evil.example/a/b"), std::string(10'240, 'a'),
        std::string("a/b\n"), std::string("a/b\x01"), std::string("a b/c")}) {
    SubscribeRequest request = ValidRequest();
    request.set_repo(repo);
    ExpectRefused(request, "repo");
  }
}

TEST(SubscriptionTest, RefusesMalformedUsers) {
  for (const std::string& user :
       {std::string(), std::string("-a"), std::string("a--b"),
        std::string(40, 'a'), std::string("a/"), std::string("a/b/c"),
        std::string("a/-b"), std::string("/b"), std::string("a/b c"),
        "a/" + std::string(101, 'b'), std::string("**"), std::string("@*")}) {
    SubscribeRequest request = ValidRequest();
    request.set_user(user);
    ExpectRefused(request, "user");
  }
}

TEST(SubscriptionTest, TakesATeamOrAnyone) {
  SubscribeRequest request = ValidRequest();
  request.set_user("@Octo-Org/The_Team-1");
  auto parsed = Parse(request);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->target.is_team());
  EXPECT_EQ(parsed->target.name(), "octo-org/the_team-1");
  request.set_user("*");
  parsed = Parse(request);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->target.is_anyone());
}

TEST(SubscriptionTest, LeavesOutAuthors) {
  const auto item = [](const std::string& author) {
    return Item{.author = author};
  };
  EXPECT_EQ(Parse(ValidRequest())->filter, nullptr);

  SubscribeRequest request = ValidRequest();
  request.set_skip_self(true);
  auto filter = Parse(request)->filter;
  EXPECT_TRUE(filter->Skips(item("OctoCat")));
  EXPECT_FALSE(filter->Skips(item("octocat2")));
  EXPECT_FALSE(filter->Skips(item("")));

  request = ValidRequest();
  request.set_skip_bots(true);
  filter = Parse(request)->filter;
  EXPECT_TRUE(filter->Skips(item("renovate[bot]")));
  EXPECT_FALSE(filter->Skips(item("octocat")));

  request = ValidRequest();
  request.add_skip_authors("Mona");
  request.add_skip_authors("renovate");
  request.add_skip_authors("dependabot[bot]");
  filter = Parse(request)->filter;
  for (const char* author : {"mona", "Renovate[bot]", "dependabot[bot]"}) {
    EXPECT_TRUE(filter->Skips(item(author))) << author;
  }
  EXPECT_FALSE(filter->Skips(item("octocat")));
}

TEST(SubscriptionTest, RefusesFiltersThatMakeNoSense) {
  SubscribeRequest request = ValidRequest();
  request.add_skip_authors("no login");
  ExpectRefused(request, "skip_authors");
  request.clear_skip_authors();
  for (int i = 0; i <= 100; ++i) request.add_skip_authors("mona");
  ExpectRefused(request, "skip_authors");
  request = ValidRequest();
  request.set_user("*");
  request.set_skip_self(true);
  ExpectRefused(request, "skip_self");
}

TEST(SubscriptionTest, BindsAResumeTokenToTheFilter) {
  SubscribeRequest request = ValidRequest();
  request.add_skip_authors("mona");
  request.add_skip_authors("hubot");
  const auto first = Parse(request);
  request.set_resume_token(EncodeResumeToken(
      first->progress, SubscriptionHash(first->repo, first->target,
                                        first->sources, first->filter.get())));
  // The order and the case do not matter,
  request.clear_skip_authors();
  request.add_skip_authors("HUBOT");
  request.add_skip_authors("mona");
  EXPECT_TRUE(Parse(request).ok()) << Parse(request).status();
  // but what is left out does.
  request.set_skip_bots(true);
  ExpectRefused(request, "resume_token");
  request.set_skip_bots(false);
  request.clear_skip_authors();
  ExpectRefused(request, "resume_token");
}

TEST(SubscriptionTest, RefusesTokensThatCouldForgeAHeader) {
  for (const std::string& token :
       {std::string("ghp_a\nX-Evil: 1"), std::string("ghp_a\r"),
        std::string("ghp_\xc3\xa9"), std::string("a\0b", 3), std::string("a b"),
        std::string(1025, 'a')}) {
    SubscribeRequest request = ValidRequest();
    request.set_token(token);
    ExpectRefused(request, "token");
    EXPECT_THAT(std::string(Parse(request).status().message()),
                Not(HasSubstr("ghp_")));
  }
}

TEST(SubscriptionTest, TakesTheTokenOfTheRequestBeforeThatOfTheMetadata) {
  SubscribeRequest request = ValidRequest();
  request.set_token("in_request");
  EXPECT_EQ(Parse(request, "Bearer in_metadata")->token.Expose(), "in_request");
}

TEST(SubscriptionTest, TakesTheTokenOfTheMetadata) {
  EXPECT_EQ(Parse(ValidRequest(), "Bearer abc")->token.Expose(), "abc");
  EXPECT_EQ(Parse(ValidRequest(), "bearer   abc ")->token.Expose(), "abc");
}

TEST(SubscriptionTest, RefusesOtherAuthorizations) {
  ExpectRefused(ValidRequest(), "authorization", "Basic abc");
  ExpectRefused(ValidRequest(), "authorization", "Bearer a\x01");
  ExpectRefused(ValidRequest(), "authorization", "Bearer a b");
}

TEST(SubscriptionTest, TakesSince) {
  SubscribeRequest request = ValidRequest();
  request.mutable_since()->set_seconds(1'700'000'000);
  EXPECT_EQ(Parse(request)->progress.since,
            absl::FromUnixSeconds(1'700'000'000));
}

TEST(SubscriptionTest, RefusesTimestampsOutOfRange) {
  SubscribeRequest request = ValidRequest();
  request.mutable_since()->set_seconds(253402300800);
  ExpectRefused(request, "since");
  request.mutable_since()->set_seconds(-62135596801);
  ExpectRefused(request, "since");
  request.mutable_since()->set_seconds(0);
  request.mutable_since()->set_nanos(-1);
  ExpectRefused(request, "since");
  request.mutable_since()->set_nanos(1'000'000'000);
  ExpectRefused(request, "since");
}

TEST(SubscriptionTest, ReadsTheCompleteHistoryByDefault) {
  SubscribeRequest request = ValidRequest();
  EXPECT_EQ(Parse(request)->progress.history, mentions::v1::HISTORY_COMPLETE);
  request.set_history(mentions::v1::HISTORY_NONE);
  EXPECT_EQ(Parse(request)->progress.history, mentions::v1::HISTORY_NONE);
  request.set_history(static_cast<mentions::v1::History>(9));
  ExpectRefused(request, "history");
}

TEST(SubscriptionTest, RefusesAResumeTokenThatIsNotOne) {
  SubscribeRequest request = ValidRequest();
  request.set_resume_token("anything");
  ExpectRefused(request, "resume_token");
}

}  // namespace
}  // namespace mentiond
