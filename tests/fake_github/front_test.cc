// Caching, limits, tokens, faults, hooks and the log of the stand-in GitHub.

#include "tests/fake_github/front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/time.h"

#include "tests/fake_github/test_client.h"

namespace mentiond::fake_github {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

class FrontTest : public ::testing::Test {
 protected:
  FrontTest() {
    SetNow(kNoon);
    repo_.AddPull("mona", "one");
    repo_.AddIssueComment(1, "mona", "a comment");
  }

  void SetNow(absl::Time now) {
    fake_.SetNow([now] { return now; });
  }
  TestAnswer Comments(const TestRequest& request = {}) {
    return Get(fake_, kComments, request);
  }

  FakeGitHub fake_;
  FakeRepository& repo_ = fake_.repo("octo/demo");
};

TEST_F(FrontTest, ResponsesCarryGitHubsHeaders) {
  const TestAnswer answer = Comments();
  struct Case {
    const char* name;
    const char* value;
  };
  for (const auto& [name, value] :
       {Case{"Content-Type", "application/json; charset=utf-8"},
        Case{"Cache-Control", "private, max-age=60, s-maxage=60"},
        Case{"Date", "Fri, 01 Mar 2024 12:00:00 GMT"},
        Case{"X-GitHub-Request-Id", "FAKE:1"},
        Case{"X-RateLimit-Limit", "5000"},
        Case{"X-RateLimit-Remaining", "4999"}, Case{"X-RateLimit-Used", "1"},
        Case{"X-RateLimit-Reset", "1709298000"},
        Case{"X-RateLimit-Resource", "core"}}) {
    EXPECT_EQ(answer.Header(name), value) << name;
  }
  EXPECT_THAT(answer.Header("Vary"), HasSubstr("Authorization"));
  EXPECT_THAT(answer.Header("ETag"), StartsWith("W/\""));
}

TEST_F(FrontTest, WhatTheClientHasIsNotSentAgain) {
  const std::string etag = Comments().Header("ETag");

  for (const std::string& sent : {etag, etag.substr(2)}) {
    const TestAnswer same = Comments({.if_none_match = sent});
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(same.Header("ETag"), etag);
    EXPECT_EQ(same.Header("X-RateLimit-Remaining"), "4999") << "it was free";
  }

  repo_.AddIssueComment(1, "mona", "new");
  const TestAnswer changed = Comments({.if_none_match = etag});
  EXPECT_EQ(changed.status, 200);
  EXPECT_NE(changed.Header("ETag"), etag);
  EXPECT_EQ(changed.Header("X-RateLimit-Remaining"), "4998");
  const RequestStats stats = fake_.stats();
  EXPECT_EQ(stats.requests, 4);
  EXPECT_EQ(stats.conditional, 3);
  EXPECT_EQ(stats.points, 2);
  EXPECT_THAT(stats.by_status, ElementsAre(Pair(200, 2), Pair(304, 2)));
}

TEST_F(FrontTest, ETagsAreOfATokenAndAnAccept) {
  const std::string etag = Comments().Header("ETag");
  EXPECT_EQ(Comments({.token = "two", .if_none_match = etag}).status, 200);
  EXPECT_EQ(Comments({.if_none_match = etag, .accept = "x"}).status, 200);
  EXPECT_EQ(Comments({.if_none_match = "W/\"other\""}).status, 200);
}

TEST_F(FrontTest, TheAnonymousHaveSixtyAnHourAndNothingForFree) {
  const std::string etag = Comments({.token = ""}).Header("ETag");
  const TestAnswer same = Comments({.token = "", .if_none_match = etag});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.Header("X-RateLimit-Limit"), "60");
  EXPECT_EQ(same.Header("X-RateLimit-Remaining"), "58");
  for (int i = 0; i < 58; ++i) {
    ASSERT_EQ(Comments({.token = ""}).status, 200);
  }
  const TestAnswer refused = Comments({.token = ""});
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.Message(), StartsWith("API rate limit exceeded for"));
  EXPECT_EQ(Comments().status, 200);
}

TEST_F(FrontTest, NobodyGetsMoreThanTheLimitUntilTheWindowEnds) {
  ASSERT_EQ(Comments().status, 200);
  fake_.SetRemaining("secret", 1);

  EXPECT_EQ(Comments().status, 200);
  const TestAnswer refused = Comments();
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.Header("X-RateLimit-Remaining"), "0");
  EXPECT_EQ(refused.Header("X-RateLimit-Reset"), "1709298000");
  EXPECT_THAT(refused.Message(),
              StartsWith("API rate limit exceeded for user ID "));
  EXPECT_THAT(fake_.stats().refused,
              UnorderedElementsAre(Pair(RefusedBy::kPrimary, 1)));

  SetNow(kNoon + absl::Hours(1));
  EXPECT_EQ(Comments().Header("X-RateLimit-Remaining"), "4999");
  fake_.SetLimit(100, 60);
  EXPECT_EQ(Comments().Header("X-RateLimit-Remaining"), "98");
}

TEST_F(FrontTest, TokensOfOneUserShareTheirPoints) {
  fake_.AddToken("one", "mona");
  fake_.AddToken("two", "mona");
  Comments({.token = "one"});
  EXPECT_EQ(Comments({.token = "two"}).Header("X-RateLimit-Used"), "2");
  EXPECT_EQ(Comments({.token = "other"}).Header("X-RateLimit-Used"), "1");
}

TEST_F(FrontTest, WhoMayNotAskIsRefused) {
  fake_.AddToken("good", "mona");
  fake_.SetTokensRestricted(true);
  const auto token_until = [](absl::Time time) {
    return absl::StrCat("ghs_", absl::ToUnixMillis(time), "_x");
  };
  const std::string expired = token_until(kNoon);
  const std::string expiring = token_until(kNoon + absl::Seconds(1));

  const TestAnswer refused = Comments({.token = "bad"});
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.Message(), "Bad credentials");
  EXPECT_EQ(Comments({.token = "good"}).status, 200);
  EXPECT_EQ(Comments({.token = ""}).status, 200);
  EXPECT_EQ(Comments({.token = "good", .user_agent = ""}).status, 403);
  for (const char* token : {"", "bad"}) {
    EXPECT_EQ(
        Get(fake_, "/graphql", {.token = token, .post_body = "{}"}).status,
        401);
  }

  fake_.SetTokensRestricted(false);
  EXPECT_EQ(Comments({.token = expired}).status, 401);
  const TestAnswer valid = Comments({.token = expiring});
  EXPECT_EQ(valid.status, 200);
  EXPECT_EQ(valid.Header("github-authentication-token-expiration"),
            "2024-03-01 12:00:01 UTC");
}

TEST_F(FrontTest, OneMoreAtATimeThanAllowedIsRefused) {
  // Given a user with as many requests under way as there may be
  fake_.AddToken("secret", "mona");
  fake_.AddToken("another", "mona");
  fake_.SetConcurrentLimit(3);
  Fault hang = Fault::Hang("hanging");
  hang.times = std::nullopt;
  fake_.AddFault(hang);
  absl::BlockingCounter arrived(3);
  fake_.OnRequest([&](const RequestRecord& record) {
    if (record.target.find("hanging") != std::string::npos) {
      arrived.DecrementCount();
    }
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back(
        [this] { Get(fake_, absl::StrCat(kIssues, "&hanging")); });
  }
  arrived.Wait();

  // When the user sends one more, then it is refused and costs nothing.
  for (const char* token : {"secret", "another"}) {
    const TestAnswer refused = Comments({.token = token});
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.Message(),
                StartsWith("You have exceeded a secondary rate limit"));
    EXPECT_EQ(refused.Header("Retry-After"), "60");
    EXPECT_EQ(refused.Header("X-RateLimit-Remaining"), "5000");
  }

  // Others are not concerned, and neither is the user after the three.
  EXPECT_EQ(Comments({.token = "other"}).status, 200);
  EXPECT_EQ(Comments({.token = ""}).status, 200);
  fake_.ClearFaults();
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Comments().status, 200);
  EXPECT_THAT(fake_.stats().refused,
              UnorderedElementsAre(Pair(RefusedBy::kConcurrent, 2)));
}

TEST_F(FrontTest, AFaultHitsItsRequests) {
  Fault repeated = Fault::Answer("/comments", 429, R"({"message":"slow down"})",
                                 {{"Retry-After", "7"}});
  repeated.skip = 1;
  repeated.times = 2;
  fake_.AddFault(repeated);
  std::vector<int> statuses;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Get(fake_, kIssues).status, 200);
    const TestAnswer answer = Comments();
    statuses.push_back(answer.status);
    if (answer.status != 429) continue;
    EXPECT_EQ(answer.Header("Retry-After"), "7");
    EXPECT_EQ(answer.Message(), "slow down");
  }
  EXPECT_THAT(statuses, ElementsAre(200, 429, 429, 200, 200));

  // For good, until cleared
  Fault html = Fault::HtmlBadGateway("");
  html.times = std::nullopt;
  fake_.AddFault(html);
  for (int i = 0; i < 3; ++i) {
    const TestAnswer page = Comments();
    EXPECT_EQ(page.status, 502);
    EXPECT_THAT(page.Header("Content-Type"), HasSubstr("text/html"));
    EXPECT_THAT(page.body, HasSubstr("<html>"));
  }
  fake_.ClearFaults();

  // By what a query says
  Fault queried = Fault::Answer("", 500);
  queried.body_contains = "search(";
  fake_.AddFault(queried);
  EXPECT_EQ(Comments().status, 200);
  EXPECT_EQ(Get(fake_, "/graphql", {.post_body = "{}"}).status, 400);
  EXPECT_EQ(Get(fake_, "/graphql", {.post_body = "{search("}).status, 500);
}

TEST_F(FrontTest, AnEditBetweenTwoPagesMovesItemsBetweenThem) {
  for (int i = 0; i < 3; ++i) {
    repo_.AddIssueComment(1, "mona", std::to_string(i));
  }
  const int64_t first = repo_.All(ItemKind::kIssueComment).front()->id;
  fake_.AfterFirst("/issues/comments", [&] {
    repo_.EditIssueComment(first, "edited",
                           {.updated_at = kNoon + absl::Hours(1)});
  });

  const TestAnswer page1 =
      Get(fake_, absl::StrCat(kComments, "?sort=updated&per_page=2"));
  const TestAnswer page2 = Get(fake_, page1.Link("next"));

  EXPECT_THAT(page1.Texts("body"), ElementsAre("a comment", "0"))
      << "the edit came after it";
  EXPECT_THAT(page2.Texts("body"), ElementsAre("2", "edited"))
      << "1 moved to the page before: GitHub's own trap";
}

TEST_F(FrontTest, AHookBeforeTheResponseIsVisibleInIt) {
  fake_.OnRequest(
      [&](const RequestRecord&) { repo_.AddIssueComment(1, "mona", "just"); });
  EXPECT_THAT(Comments().Texts("body"), ElementsAre("a comment", "just"));
}

TEST_F(FrontTest, WaitingForRequestsCountsThemAndGivesUp) {
  Comments();
  Comments();
  Get(fake_, kIssues);
  EXPECT_EQ(fake_.requests().back().target, kIssues);
  EXPECT_TRUE(fake_.WaitForRequests("/comments", 2).ok());
  EXPECT_TRUE(fake_.WaitForRequests("", 3).ok());
  const absl::Status missed =
      fake_.WaitForRequests("/comments", 3, absl::Milliseconds(20));
  EXPECT_TRUE(absl::IsDeadlineExceeded(missed));
  EXPECT_THAT(std::string(missed.message()), HasSubstr("2 of 3"));

  fake_.ClearLog();
  EXPECT_THAT(fake_.requests(), IsEmpty());
  std::thread later([&] { Comments(); });
  EXPECT_TRUE(fake_.WaitForRequests("/comments", 1).ok());
  later.join();
}

}  // namespace
}  // namespace mentiond::fake_github
