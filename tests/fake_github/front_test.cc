// Caching, limits and tokens of the stand-in GitHub.

#include "tests/fake_github/front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/test_client.h"

namespace mentiond::fake_github {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class FrontTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fake_.SetNow(kNoon);
    repo_.AddPull("mona", "one");
    repo_.AddIssueComment(1, "mona", std::string(2000, 'x'));
    ASSERT_TRUE(fake_.Start().ok());
  }

  FakeGitHub fake_;
  FakeRepository& repo_ = fake_.repo("octo/demo");
};

TEST_F(FrontTest, ResponsesCarryGitHubsHeaders) {
  TestClient client(fake_, "secret");

  const TestAnswer answer = client.Get(kComments);

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(answer.Header("Cache-Control"), "private, max-age=60, s-maxage=60");
  EXPECT_EQ(answer.Header("Date"), "Fri, 01 Mar 2024 12:00:00 GMT");
  EXPECT_THAT(answer.Header("Vary"), HasSubstr("Authorization"));
  EXPECT_THAT(answer.Header("ETag"), StartsWith("W/\""));
  EXPECT_NE(answer.Header("X-GitHub-Request-Id"), "");
  EXPECT_EQ(answer.Header("X-RateLimit-Limit"), "5000");
  EXPECT_EQ(answer.Header("X-RateLimit-Remaining"), "4999");
  EXPECT_EQ(answer.Header("X-RateLimit-Used"), "1");
  EXPECT_EQ(answer.Header("X-RateLimit-Reset"), "1709298000");
  EXPECT_EQ(answer.Header("X-RateLimit-Resource"), "core");
}

TEST_F(FrontTest, WhatTheClientHasIsNotSentAgain) {
  TestClient client(fake_, "secret");
  const std::string etag = client.Get(kComments).Header("ETag");
  client.SetHeader("If-None-Match", etag);

  const TestAnswer same = client.Get(kComments);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.Header("ETag"), etag);
  EXPECT_EQ(same.Header("X-RateLimit-Remaining"), "4999") << "it was free";

  repo_.AddIssueComment(1, "mona", "new");
  const TestAnswer changed = client.Get(kComments);
  EXPECT_EQ(changed.status, 200);
  EXPECT_NE(changed.Header("ETag"), etag);
  EXPECT_EQ(changed.Header("X-RateLimit-Remaining"), "4998");
  EXPECT_EQ(fake_.stats().conditional, 2);
  EXPECT_EQ(fake_.stats().points, 2);
  EXPECT_EQ(fake_.stats().by_status.at(304), 1);
}

TEST_F(FrontTest, ETagsMatchWeaklyAndInLists) {
  TestClient client(fake_, "secret");
  const std::string weak = client.Get(kComments).Header("ETag");

  for (const std::string& sent :
       {weak.substr(2), "\"other\", " + weak, std::string("*")}) {
    client.SetHeader("If-None-Match", sent);
    EXPECT_EQ(client.Get(kComments).status, 304) << sent;
  }
  client.SetHeader("If-None-Match", "W/\"other\"");
  EXPECT_EQ(client.Get(kComments).status, 200);
}

TEST_F(FrontTest, ETagsDifferByTokenAndAccept) {
  TestClient one(fake_, "one");
  TestClient two(fake_, "two");
  const std::string etag = one.Get(kComments).Header("ETag");

  EXPECT_NE(two.Get(kComments).Header("ETag"), etag);
  one.SetHeader("Accept", "application/vnd.github.full+json");
  EXPECT_NE(one.Get(kComments).Header("ETag"), etag);
}

TEST_F(FrontTest, ANotModifiedIsNotFreeForTheAnonymous) {
  TestClient client(fake_);
  client.SetHeader("If-None-Match", client.Get(kComments).Header("ETag"));

  const TestAnswer same = client.Get(kComments);

  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.Header("X-RateLimit-Limit"), "60");
  EXPECT_EQ(same.Header("X-RateLimit-Remaining"), "58");
}

TEST_F(FrontTest, NobodyGetsMoreThanTheLimitUntilTheWindowEnds) {
  TestClient client(fake_, "secret");
  ASSERT_EQ(client.Get(kComments).status, 200);
  fake_.SetRemaining("secret", 1);

  EXPECT_EQ(client.Get(kComments).status, 200);
  const TestAnswer refused = client.Get(kComments);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.Header("X-RateLimit-Remaining"), "0");
  EXPECT_EQ(refused.Header("X-RateLimit-Reset"), "1709298000");
  EXPECT_THAT(StringMember(refused.json, "message").value_or(""),
              StartsWith("API rate limit exceeded for user ID "));
  EXPECT_TRUE(StringMember(refused.json, "documentation_url").has_value());
  EXPECT_EQ(client.Get("/search/issues?q=type:pr").status, 200)
      << "search is counted apart";

  fake_.SetNow(kNoon + absl::Hours(1));
  const TestAnswer renewed = client.Get(kComments);
  EXPECT_EQ(renewed.status, 200);
  EXPECT_EQ(renewed.Header("X-RateLimit-Remaining"), "4999");
}

TEST_F(FrontTest, TheAnonymousHaveSixtyAnHour) {
  TestClient client(fake_);
  for (int i = 0; i < 60; ++i) ASSERT_EQ(client.Get(kComments).status, 200);

  const TestAnswer refused = client.Get(kComments);

  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(StringMember(refused.json, "message").value_or(""),
              StartsWith("API rate limit exceeded for 127.0.0.1"));
  EXPECT_EQ(TestClient(fake_, "secret").Get(kComments).status, 200);
}

TEST_F(FrontTest, TokensOfOneUserShareTheirPoints) {
  fake_.AddToken("one", "mona");
  fake_.AddToken("two", "mona");

  TestClient(fake_, "one").Get(kComments);

  EXPECT_EQ(TestClient(fake_, "two").Get(kComments).Header("X-RateLimit-Used"),
            "2");
  EXPECT_EQ(
      TestClient(fake_, "other").Get(kComments).Header("X-RateLimit-Used"),
      "1");
}

TEST_F(FrontTest, UnknownTokensAreRefusedWhereTokensAreRestricted) {
  fake_.AddToken("good", "mona");
  fake_.SetTokensRestricted(true);

  const TestAnswer refused = TestClient(fake_, "bad").Get(kComments);
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(StringMember(refused.json, "message"), "Bad credentials");
  EXPECT_EQ(TestClient(fake_, "good").Get(kComments).status, 200);
  EXPECT_EQ(TestClient(fake_).Get(kComments).status, 200);

  fake_.RevokeToken("good");
  EXPECT_EQ(TestClient(fake_, "good").Get(kComments).status, 401);
}

TEST_F(FrontTest, TheUserIsWhomTheTokenBelongsTo) {
  fake_.AddToken("one", "mona");

  EXPECT_EQ(StringMember(TestClient(fake_, "one").Get("/user").json, "login"),
            "mona");
  EXPECT_EQ(TestClient(fake_).Get("/user").status, 401);
}

TEST_F(FrontTest, ARequestNeedsAUserAgent) {
  TestClient client(fake_, "secret");
  client.SetHeader("User-Agent", "");

  const TestAnswer refused = client.Get(kComments);

  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("User-Agent"));
}

TEST_F(FrontTest, TheRateLimitIsReportedForFree) {
  TestClient client(fake_, "secret");
  client.Get(kComments);
  client.Get("/rate_limit");

  const TestAnswer told = client.Get("/rate_limit");

  EXPECT_EQ(IntMember(told.json["resources"]["core"], "used"), 1);
  EXPECT_EQ(IntMember(told.json["resources"]["search"], "limit"), 30);
  EXPECT_EQ(IntMember(told.json["rate"], "remaining"), 4999);
}

TEST_F(FrontTest, BodiesAreCompressedOnRequest) {
  TestClient client(fake_, "secret");
  const TestAnswer plain = client.Get(kComments);
  EXPECT_EQ(plain.Header("Content-Encoding"), "");

  client.AcceptGzip();
  const TestAnswer packed = client.Get(kComments);

  EXPECT_EQ(packed.Header("Content-Encoding"), "gzip");
  EXPECT_LT(std::stoul(packed.Header("Content-Length")), plain.body.size());
  EXPECT_EQ(packed.body, plain.body) << "the client unpacked it";
  EXPECT_EQ(packed.Header("ETag"), plain.Header("ETag"));
}

TEST_F(FrontTest, NoTokenIsInTheLog) {
  TestClient(fake_, "secret").Get(kComments);
  TestClient(fake_).Get(kComments);

  const std::vector<RequestRecord> records = fake_.requests();

  ASSERT_EQ(records.size(), 2u);
  EXPECT_TRUE(records[0].authorised);
  EXPECT_NE(records[0].token_fingerprint, "");
  EXPECT_THAT(records[0].token_fingerprint, Not(HasSubstr("secret")));
  EXPECT_FALSE(records[1].authorised);
  EXPECT_EQ(records[1].token_fingerprint, "");
}

}  // namespace
}  // namespace mentiond::fake_github
