// GraphQL responses, as GitHub gives them and as it should not.

#include "lib/github/pull_decode.h"

#include "gmock/gmock.h"

#include "lib/github/page_size.h"
#include "lib/github/pull_query.h"
#include "tests/lib/github/decode_samples.h"

namespace mentiond {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
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

PullPage PageOf(const std::string& json) {
  const auto decoded = DecodeParts(json, kOnePull);
  EXPECT_TRUE(decoded.ok()) << decoded.status() << json;
  return decoded.ok() ? decoded->page : PullPage();
}

TEST(PullDecodeTest, ADescriptionAndItsReviews) {
  const auto decoded = DecodeParts(Data(PullWith(kReview)), kOnePull);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ASSERT_EQ(decoded->page.items.size(), 2U);
  for (const Item& item : decoded->page.items) {
    const bool is_review = item.source == Source::SOURCE_REVIEW;
    EXPECT_EQ(item.id, is_review ? 5000000009 : 5000000010);
    EXPECT_EQ(item.number, 1);
    EXPECT_EQ(item.title, "Fix it");
    EXPECT_EQ(item.state, mentions::v1::PULL_STATE_MERGED);
    // As REST shows it; empty: a deleted account.
    EXPECT_EQ(item.author, is_review ? "renovate[bot]" : "");
    EXPECT_EQ(item.updated_at - item.created_at,
              absl::Hours(is_review ? 24 : 0));
  }
  EXPECT_EQ(decoded->page.items[0].source, Source::SOURCE_PULL_REQUEST);
  EXPECT_EQ(decoded->page.items[1].source, Source::SOURCE_REVIEW);
  EXPECT_EQ(decoded->cost, 3);
  EXPECT_EQ(decoded->rate_limit->remaining, 4990);
}

TEST(PullDecodeTest, MalformedReviewsAreLeftOutAndPendingOnesNotCounted) {
  const std::string id = "\"5000000009\"";
  const std::string time = "\"2024-05-03T00:00:00Z\"";
  const std::pair<std::string, size_t> cases[] = {
      {With(kReview, "APPROVED", "PENDING"), 0},
      {With(kReview, id, "\"-9\""), 1},
      {With(kReview, id, "\"99999999999999999999\""), 1},
      {With(kReview, id, "null"), 1},
      {With(kReview, "\"fine\"", "7"), 1},
      {With(kReview, time, "null"), 1},
      {With(kReview, time, "\"soon\""), 1},
      {With(kReview, "https://github.com/o/r/pull/1#r", "javascript:\\u001b"),
       1},
      {With(kReview, "\"renovate\"", "[]"), 1},
      {"null", 1},
      {"[]", 1}};
  for (const auto& [review, skipped] : cases) {
    const PullPage page =
        PageOf(Data(PullWith(absl::StrCat(review, ",", kReview))));
    EXPECT_EQ(page.items.size(), 2U) << review;
    EXPECT_EQ(page.skipped, skipped) << review;
  }
}

TEST(PullDecodeTest, AConnectionWithMorePagesIsReported) {
  const auto with_cursor = [](const std::string& cursor) {
    return PageOf(Data(PullWith(
        kReview,
        absl::StrCat(R"({"hasNextPage":true,"endCursor":)", cursor, "}"))));
  };
  EXPECT_THAT(
      with_cursor("\"Y3Vyc29y\"").more,
      ElementsAre(PullRequestPart{
          .part = PullPart::kReviews, .number = 1, .after = "Y3Vyc29y"}));
  // A cursor that cannot be part of a query means that reviews are missing.
  for (const char* cursor : {"null", "\"\"", "\"a\\\"b\"", "\"a b\"", "7"}) {
    const PullPage bad = with_cursor(cursor);
    EXPECT_EQ(bad.unread.size(), 1U) << cursor;
    EXPECT_TRUE(bad.more.empty()) << cursor;
  }
}

TEST(PullDecodeTest, WhatIsNullBesideAnErrorHasNotBeenRead) {
  const std::string n0 = R"("path":["repository","n0"],"message":"oops"})";
  const std::string no_reviews = R"({"number":1,"reviews":null})";
  const struct {
    std::string pull, error;
    size_t unread = 1;
    std::string failure = "oops";
  } cases[] = {
      {"null", "{" + n0},
      {no_reviews,
       R"({"path":["repository","n0","reviews"],"message":"oops"})"},
      // Deleted: there is nothing to read.
      {"null", R"({"type":"NOT_FOUND",)" + n0, 0, ""},
      // Without an error it is not what the schema promises.
      {no_reviews, "", 1, ""},
  };
  for (const auto& one : cases) {
    const PullPage page = PageOf(Data(one.pull, one.error));
    EXPECT_EQ(page.unread.size(), one.unread) << one.error;
    EXPECT_THAT(page.failure, HasSubstr(one.failure));
  }
}

TEST(PullDecodeTest, ErrorsOfTheWholeQuery) {
  const auto error = [](const std::string& fields) {
    return absl::StrCat(R"({"data":null,"errors":[{)", fields,
                        R"("message":"words"}]})");
  };
  const std::pair<StatusCode, std::vector<std::string>> cases[] = {
      {StatusCode::kResourceExhausted,
       {error(R"("type":"RATE_LIMITED",)"),
        R"({"errors":[{"message":"You have exceeded a secondary rate limit"}]})"}},
      {StatusCode::kDeadlineExceeded,
       {error(R"("type":"RESOURCE_LIMITS_EXCEEDED",)"),
        error(R"("type":"MAX_NODE_LIMIT_EXCEEDED",)"),
        R"({"errors":[{"message":"the result of a timeout"}]})"}},
      {StatusCode::kPermissionDenied,
       {error(R"("type":"FORBIDDEN","path":["repository"],)")}},
      {StatusCode::kNotFound,
       {error(R"("type":"NOT_FOUND","path":["repository"],)")}},
      {StatusCode::kUnimplemented,
       {error(R"("extensions":{"code":"undefinedField"},)")}},
      {StatusCode::kUnavailable,
       {error(R"("type":"SOMETHING",)"),
        error(R"("path":["repository","n7"],)"), "<html>", "[]", "{}",
        R"({"data":{}})", R"({"data":{"repository":{}}})",
        R"({"data":{"repository":null}})"}}};
  for (const auto& [code, responses] : cases) {
    for (const std::string& json : responses) {
      EXPECT_EQ(DecodeParts(json, kOnePull).status().code(), code) << json;
    }
  }
  const std::string whole = Data(PullWith(kReview));
  for (size_t size = 0; size < whole.size(); ++size) {
    ASSERT_TRUE(absl::IsUnavailable(
        DecodeParts(whole.substr(0, size), kOnePull).status()))
        << "cut after " << size;
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
