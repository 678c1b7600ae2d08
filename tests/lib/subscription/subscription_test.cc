#include "lib/subscription/subscription.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

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
  EXPECT_EQ(parsed->user.lower(), "octocat");
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
        std::string(40, 'a'), std::string("a/b")}) {
    SubscribeRequest request = ValidRequest();
    request.set_user(user);
    ExpectRefused(request, "user");
  }
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
