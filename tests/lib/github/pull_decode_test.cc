// GraphQL responses, as GitHub gives them and as it should not.

#include "lib/github/pull_decode.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/github/page_size.h"
#include "lib/github/pull_query.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kReview[] =
    R"({"fullDatabaseId":"5000000009","url":"https://github.com/o/r/pull/1#r",)"
    R"("body":"fine","state":"APPROVED","submittedAt":"2024-05-03T00:00:00Z",)"
    R"("lastEditedAt":"2024-05-04T00:00:00Z",)"
    R"("author":{"__typename":"Bot","login":"renovate"}})";

std::string PullWith(const std::string& reviews,
                     const std::string& page_info =
                         R"({"hasNextPage":false,"endCursor":null})") {
  return absl::StrCat(
      R"({"number":1,"title":"Fix it","state":"MERGED",)"
      R"("fullDatabaseId":"5000000010",)"
      R"("url":"https://github.com/o/r/pull/1","body":"hello",)"
      R"("createdAt":"2024-05-01T00:00:00Z","lastEditedAt":null,)"
      R"("author":null,"reviews":{"pageInfo":)",
      page_info, R"(,"nodes":[)", reviews, "]}}");
}

std::string Data(const std::string& pull, const std::string& errors = "") {
  return absl::StrCat(
      R"({"data":{"repository":{"n0":)", pull,
      R"(},"rateLimit":{"cost":3,"limit":5000,"remaining":4990,)"
      R"("resetAt":"2024-05-05T00:00:00Z"}})",
      errors.empty() ? "" : absl::StrCat(",\"errors\":[", errors, "]"), "}");
}

const std::vector<PullRequestPart> kOnePull = {{.number = 1}};

TEST(PullDecodeTest, ADescriptionAndItsReviews) {
  const auto decoded = DecodeParts(Data(PullWith(kReview)), kOnePull);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ASSERT_EQ(decoded->page.items.size(), 2U);
  const Item& description = decoded->page.items[0];
  EXPECT_EQ(description.source, Source::SOURCE_PULL_REQUEST);
  EXPECT_EQ(description.id, 5000000010);
  EXPECT_EQ(description.number, 1);
  EXPECT_EQ(description.author, "") << "a deleted account";
  EXPECT_EQ(description.updated_at, description.created_at) << "never edited";
  const Item& review = decoded->page.items[1];
  EXPECT_EQ(review.source, Source::SOURCE_REVIEW);
  EXPECT_EQ(review.id, 5000000009);
  EXPECT_EQ(review.author, "renovate[bot]") << "as REST shows it";
  EXPECT_EQ(review.updated_at - review.created_at, absl::Hours(24)) << "edited";
  for (const Item& item : decoded->page.items) {
    EXPECT_EQ(item.title, "Fix it");
    EXPECT_EQ(item.state, mentions::v1::PULL_STATE_MERGED);
  }
  EXPECT_EQ(decoded->cost, 3);
  EXPECT_EQ(decoded->rate_limit->remaining, 4990);
}

TEST(PullDecodeTest, MalformedReviewsAreLeftOutAndPendingOnesNotCounted) {
  const std::string review = kReview;
  const auto with = [&](const std::string& text, const std::string& by) {
    EXPECT_THAT(review, HasSubstr(text));
    return absl::StrReplaceAll(review, {{text, by}});
  };
  struct Case {
    std::string review;
    size_t skipped;
  };
  const std::vector<Case> cases = {
      {with("APPROVED", "PENDING"), 0},
      {with("\"5000000009\"", "\"-9\""), 1},
      {with("\"5000000009\"", "\"99999999999999999999\""), 1},
      {with("\"5000000009\"", "null"), 1},
      {with("\"fine\"", "7"), 1},
      {with("\"2024-05-03T00:00:00Z\"", "null"), 1},
      {with("\"2024-05-03T00:00:00Z\"", "\"soon\""), 1},
      {with("https://github.com/o/r/pull/1#r", "javascript:\\u001b"), 1},
      {with("\"renovate\"", "[]"), 1},
      {"null", 1},
      {"[]", 1},
  };
  for (const Case& one : cases) {
    const auto decoded = DecodeParts(
        Data(PullWith(absl::StrCat(one.review, ",", kReview))), kOnePull);
    ASSERT_TRUE(decoded.ok()) << one.review << decoded.status();
    EXPECT_EQ(decoded->page.items.size(), 2U) << one.review;
    EXPECT_EQ(decoded->page.skipped, one.skipped) << one.review;
  }
}

TEST(PullDecodeTest, AConnectionWithMorePagesIsReported) {
  const auto decoded = DecodeParts(
      Data(PullWith(kReview, R"({"hasNextPage":true,"endCursor":"Y3Vyc29y"})")),
      kOnePull);
  ASSERT_TRUE(decoded.ok());
  EXPECT_THAT(
      decoded->page.more,
      testing::ElementsAre(PullRequestPart{
          .part = PullPart::kReviews, .number = 1, .after = "Y3Vyc29y"}));
  // A cursor that cannot be part of a query means that reviews are missing.
  for (const char* cursor : {"null", "\"\"", "\"a\\\"b\"", "\"a b\"", "7"}) {
    const auto bad = DecodeParts(
        Data(PullWith(kReview, absl::StrCat(R"({"hasNextPage":true,)"
                                            R"("endCursor":)",
                                            cursor, "}"))),
        kOnePull);
    ASSERT_TRUE(bad.ok());
    EXPECT_EQ(bad->page.unread.size(), 1U) << cursor;
    EXPECT_TRUE(bad->page.more.empty()) << cursor;
  }
}

TEST(PullDecodeTest, WhatIsNullBesideAnErrorHasNotBeenRead) {
  const std::string path = R"("path":["repository","n0"],"message":"oops")";
  const auto unread = DecodeParts(Data("null", "{" + path + "}"), kOnePull);
  ASSERT_TRUE(unread.ok()) << unread.status();
  EXPECT_EQ(unread->page.unread.size(), 1U);
  EXPECT_THAT(unread->page.failure, HasSubstr("oops"));

  const auto below = DecodeParts(
      Data(R"({"number":1,"reviews":null})",
           R"({"path":["repository","n0","reviews"],"message":"oops"})"),
      kOnePull);
  ASSERT_TRUE(below.ok());
  EXPECT_EQ(below->page.unread.size(), 1U);

  const auto gone = DecodeParts(
      Data("null", R"({"type":"NOT_FOUND",)" + path + "}"), kOnePull);
  ASSERT_TRUE(gone.ok());
  EXPECT_TRUE(gone->page.unread.empty()) << "deleted: there is nothing to read";

  // Reviews that are null without an error are not what the schema promises.
  const auto odd =
      DecodeParts(Data(R"({"number":1,"reviews":null})"), kOnePull);
  ASSERT_TRUE(odd.ok());
  EXPECT_EQ(odd->page.unread.size(), 1U);
}

TEST(PullDecodeTest, ErrorsOfTheWholeQuery) {
  const auto error = [](const std::string& fields) {
    return absl::StrCat(R"({"data":null,"errors":[{)", fields,
                        R"("message":"words"}]})");
  };
  struct Case {
    std::string json;
    absl::StatusCode code;
  };
  const std::vector<Case> cases = {
      {error(R"("type":"RATE_LIMITED",)"),
       absl::StatusCode::kResourceExhausted},
      {error(R"("type":"RESOURCE_LIMITS_EXCEEDED",)"),
       absl::StatusCode::kDeadlineExceeded},
      {error(R"("type":"MAX_NODE_LIMIT_EXCEEDED",)"),
       absl::StatusCode::kDeadlineExceeded},
      {error(R"("type":"FORBIDDEN","path":["repository"],)"),
       absl::StatusCode::kPermissionDenied},
      {error(R"("type":"NOT_FOUND","path":["repository"],)"),
       absl::StatusCode::kNotFound},
      {error(R"("extensions":{"code":"undefinedField"},)"),
       absl::StatusCode::kUnimplemented},
      {error(R"("type":"SOMETHING",)"), absl::StatusCode::kUnavailable},
      {error(R"("path":["repository","n7"],)"), absl::StatusCode::kUnavailable},
      {R"({"errors":[{"message":"the result of a timeout"}]})",
       absl::StatusCode::kDeadlineExceeded},
      {R"({"errors":[{"message":"You have exceeded a secondary rate limit"}]})",
       absl::StatusCode::kResourceExhausted},
      {"", absl::StatusCode::kUnavailable},
      {"<html>", absl::StatusCode::kUnavailable},
      {"[]", absl::StatusCode::kUnavailable},
      {"{}", absl::StatusCode::kUnavailable},
      {R"({"data":{}})", absl::StatusCode::kUnavailable},
      {R"({"data":{"repository":{}}})", absl::StatusCode::kUnavailable},
      {R"({"data":{"repository":null}})", absl::StatusCode::kUnavailable},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(DecodeParts(one.json, kOnePull).status().code(), one.code)
        << one.json;
  }
}

TEST(PullDecodeTest, AResponseCutShortAnywhereIsUnavailable) {
  const std::string json = Data(PullWith(kReview));
  for (size_t size = 0; size < json.size(); ++size) {
    ASSERT_EQ(DecodeParts(json.substr(0, size), kOnePull).status().code(),
              absl::StatusCode::kUnavailable)
        << size;
  }
}

TEST(PullQueryTest, EqualArgumentsGiveEqualBodiesAndOthersDoNot) {
  const RepoName repo = *RepoName::Parse("o/r", "github.com");
  const std::string one = PartsQuery(repo, {{.number = 1}, {.number = 2}});
  EXPECT_EQ(one, PartsQuery(repo, {{.number = 1}, {.number = 2}}));
  EXPECT_NE(one, PartsQuery(repo, {{.number = 1}, {.number = 3}}));
  EXPECT_THAT(one, HasSubstr("n1:pullRequest(number:2)"));
  EXPECT_THAT(one, Not(HasSubstr("on Issue")));
  EXPECT_THAT(one, HasSubstr(R"("owner":"o","name":"r")"));
}

TEST(PageSizeTest, IsHalvedByFailuresAndRemembersWhatFailed) {
  PageSize size(1, 100);
  size.Failed();
  size.Failed();
  EXPECT_EQ(size.get(), 25);
  for (int i = 0; i < 19; ++i) size.Succeeded();
  EXPECT_EQ(size.get(), 25) << "50 failed";
  size.Succeeded();
  EXPECT_EQ(size.get(), 50);
  size.Succeeded();
  EXPECT_EQ(size.get(), 100);
  for (int i = 0; i < 20; ++i) size.Failed();
  EXPECT_EQ(size.get(), 1);
}

}  // namespace
}  // namespace mentiond
