#include "lib/github/decode.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/github/types.h"

namespace mentiond {
namespace {

using ::testing::ElementsAre;

// As GitHub gives them, cut down to some of what is not read.
constexpr char kComment[] = R"({
  "url": "https://api.github.com/repos/octo/cat/issues/comments/7",
  "html_url": "https://github.com/octo/cat/pull/12#issuecomment-7",
  "issue_url": "https://api.github.com/repos/octo/cat/issues/12",
  "id": 7, "node_id": "IC_kw",
  "user": {"login": "alice", "id": 1, "type": "User", "site_admin": false},
  "created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-02T11:30:59Z",
  "author_association": "MEMBER",
  "body": "ping @bob\r\n\u00e4 \ud83d\ude00",
  "reactions": {"total_count": 0, "+1": 0}, "performed_via_github_app": null})";

constexpr char kReviewComment[] = R"({
  "url": "https://api.github.com/repos/octo/cat/pulls/comments/8",
  "pull_request_review_id": 42, "id": 8, "diff_hunk": "@@ -1 +1 @@",
  "path": "file.cc", "position": null, "line": null, "original_line": 3,
  "user": null, "body": "see @bob",
  "created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-01T10:00:00Z",
  "html_url": "https://github.com/octo/cat/pull/13#discussion_r8",
  "pull_request_url": "https://api.github.com/repos/octo/cat/pulls/13"})";

constexpr char kReview[] = R"({
  "id": 9, "user": {"login": "renovate[bot]", "type": "Bot"}, "body": "",
  "state": "APPROVED", "submitted_at": "2024-05-03T00:00:00Z",
  "html_url": "https://github.com/octo/cat/pull/14#pullrequestreview-9",
  "pull_request_url": "https://api.github.com/repos/octo/cat/pulls/14",
  "commit_id": "abc"})";

constexpr char kPull[] = R"({
  "id": 10, "number": 15, "title": "t", "user": {"login": "alice"},
  "state": "open", "body": null, "comments": 3,
  "html_url": "https://github.com/octo/cat/pull/15",
  "pull_request": {"url": "https://api.github.com/repos/octo/cat/pulls/15"},
  "created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-04T10:00:00Z"})";

std::string List(const std::vector<std::string>& items) {
  return absl::StrCat("[", absl::StrJoin(items, ","), "]");
}

// `json` with one text in it replaced, which must be there.
std::string With(std::string json, const std::string& text,
                 const std::string& by) {
  EXPECT_NE(json.find(text), std::string::npos) << text;
  return absl::StrReplaceAll(json, {{text, by}});
}
std::string CommentWith(const std::string& text, const std::string& by) {
  return With(kComment, text, by);
}

DecodedItems Decoded(Listing listing, const std::vector<std::string>& items) {
  auto decoded = DecodeListing(listing, List(items));
  EXPECT_TRUE(decoded.ok()) << decoded.status();
  return decoded.ok() ? *std::move(decoded) : DecodedItems();
}

// The one item of a list of one; another of number -1 when it was left out.
Item DecodedComment(const std::string& json) {
  const DecodedItems decoded = Decoded(Listing::kIssueComments, {json});
  EXPECT_EQ(decoded.items.size() + decoded.skipped, 1U);
  if (!decoded.items.empty()) return decoded.items.front();
  Item none;
  none.number = -1;
  return none;
}

bool IsLeftOut(const std::string& comment) {
  // Between two good ones: they stay.
  const DecodedItems decoded =
      Decoded(Listing::kIssueComments, {kComment, comment, kComment});
  EXPECT_EQ(decoded.items.size() + decoded.skipped, 3U);
  return decoded.skipped == 1;
}

absl::Time At(std::string_view rfc3339) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, std::string(rfc3339), &time,
                              nullptr));
  return time;
}

TEST(DecodeTest, AConversationComment) {
  const Item item = DecodedComment(kComment);
  EXPECT_EQ(item.source, Source::SOURCE_PULL_REQUEST_COMMENT);
  EXPECT_EQ(item.id, 7);
  EXPECT_EQ(item.number, 12);
  EXPECT_EQ(item.author, "alice");
  EXPECT_EQ(item.body, "ping @bob\r\n\u00e4 \U0001F600");
  EXPECT_EQ(item.url, "https://github.com/octo/cat/pull/12#issuecomment-7");
  EXPECT_EQ(item.created_at, At("2024-05-01T10:00:00Z"));
  EXPECT_EQ(item.updated_at, At("2024-05-02T11:30:59Z"));
}

TEST(DecodeTest, AReviewCommentOfADeletedAccountOnAnOutdatedDiff) {
  const auto decoded = Decoded(Listing::kReviewComments, {kReviewComment});
  ASSERT_EQ(decoded.items.size(), 1U);
  const Item& item = decoded.items[0];
  EXPECT_EQ(item.source, Source::SOURCE_REVIEW_COMMENT);
  EXPECT_EQ(item.id, 8);
  EXPECT_EQ(item.number, 13);
  EXPECT_EQ(item.author, "");
  EXPECT_EQ(item.body, "see @bob");
}

TEST(DecodeTest, AReviewHasOneTime) {
  const auto decoded = Decoded(Listing::kReviews, {kReview});
  ASSERT_EQ(decoded.items.size(), 1U);
  const Item& item = decoded.items[0];
  EXPECT_EQ(item.source, Source::SOURCE_REVIEW);
  EXPECT_EQ(item.id, 9);
  EXPECT_EQ(item.number, 14);
  EXPECT_EQ(item.author, "renovate[bot]");
  EXPECT_EQ(item.body, "");
  EXPECT_EQ(item.created_at, At("2024-05-03T00:00:00Z"));
  EXPECT_EQ(item.updated_at, item.created_at);
}

TEST(DecodeTest, APendingReviewIsNobodyElsesBusiness) {
  const std::string pending =
      With(With(kReview, "APPROVED", "PENDING"),
           R"("submitted_at": "2024-05-03T00:00:00Z",)", "");
  const auto decoded = Decoded(Listing::kReviews, {pending, kReview});
  EXPECT_EQ(decoded.items.size(), 1U);
  EXPECT_EQ(decoded.skipped, 0U);
}

TEST(DecodeTest, AReviewWithoutATimeThatIsNotPendingIsMalformed) {
  const std::string timeless =
      With(kReview, R"("2024-05-03T00:00:00Z")", "null");
  EXPECT_EQ(Decoded(Listing::kReviews, {timeless, kReview}).skipped, 1U);
}

TEST(DecodeTest, TheIssuesListingHoldsPullRequestsAndIssues) {
  const std::string key =
      R"("pull_request": {"url": )"
      R"("https://api.github.com/repos/octo/cat/pulls/15"})";
  const auto decoded =
      Decoded(Listing::kIssues, {kPull, With(kPull, key, R"("labels": [])"),
                                 With(kPull, key, R"("pull_request": null)")});
  ASSERT_EQ(decoded.items.size(), 3U);
  EXPECT_EQ(decoded.items[0].source, Source::SOURCE_PULL_REQUEST);
  EXPECT_EQ(decoded.items[0].number, 15);
  EXPECT_EQ(decoded.items[0].body, "") << "null: an empty description";
  EXPECT_EQ(decoded.items[1].source, Source::SOURCE_ISSUE);
  EXPECT_EQ(decoded.items[2].source, Source::SOURCE_ISSUE);
}

TEST(DecodeTest, TheUrlTellsAPullRequestsCommentsFromAnIssues) {
  const auto place = [](const std::string& url) {
    const Item item = DecodedComment(
        CommentWith("https://github.com/octo/cat/pull/12#issuecomment-7", url));
    return std::pair<Source, int64_t>(item.source, item.number);
  };
  const auto pull = [](int64_t number) {
    return std::pair(Source::SOURCE_PULL_REQUEST_COMMENT, number);
  };
  const auto issue = [](int64_t number) {
    return std::pair(Source::SOURCE_ISSUE_COMMENT, number);
  };
  const std::pair<Source, int64_t> none(Source::SOURCE_UNSPECIFIED, -1);

  EXPECT_EQ(place("https://github.com/o/r/pull/5#issuecomment-1"), pull(5));
  EXPECT_EQ(place("https://github.com/o/r/issues/5#issuecomment-1"), issue(5));
  EXPECT_EQ(place("https://git.example/o/r/pull/5#issuecomment-1"), pull(5));
  EXPECT_EQ(place("https://github.com/o/r/pull/5"), pull(5));
  // Names that look like the rest of a path.
  EXPECT_EQ(place("https://github.com/o/pull/issues/5#issuecomment-1"),
            issue(5));
  EXPECT_EQ(place("https://github.com/o/issues/pull/5#issuecomment-1"),
            pull(5));
  EXPECT_EQ(place("https://github.com/pull/pull/pull/5#issuecomment-1"),
            pull(5));
  EXPECT_EQ(place("https://github.com/pull/12/issues/5#issuecomment-1"),
            issue(5));
  EXPECT_EQ(place("https://github.com/issues/12/pull/5#issuecomment-1"),
            pull(5));
  // Neither.
  EXPECT_EQ(place("https://github.com/o/r/discussions/5#comment-1"), none);
  EXPECT_EQ(place("https://github.com/o/r/pull/#issuecomment-1"), none);
  EXPECT_EQ(place("https://github.com/o/r/pull/0#issuecomment-1"), none);
  EXPECT_EQ(place("https://github.com/o/r/pull/-5#issuecomment-1"), none);
  EXPECT_EQ(place("https://github.com/o/r/pull/5x#issuecomment-1"), none);
  EXPECT_EQ(place("https://github.com/o/r/pull/99999999999999999999#x"), none);
}

TEST(DecodeTest, NullAndAbsentTextsAndAccountsAreEmpty) {
  EXPECT_EQ(DecodedComment(
                With(kComment, R"("ping @bob\r\n\u00e4 \ud83d\ude00")", "null"))
                .body,
            "");
  EXPECT_EQ(DecodedComment(CommentWith(R"("body":)", R"("text":)")).body, "");
  EXPECT_EQ(DecodedComment(CommentWith(R"("user":)", R"("usr":)")).author, "");
}

TEST(DecodeTest, ABodyOfAMegabyteIsJustLong) {
  const std::string body(1 << 20, 'x');
  EXPECT_EQ(
      DecodedComment(CommentWith("ping @bob", body)).body.substr(0, 1 << 20),
      body);
}

TEST(DecodeTest, ABodyMayHoldANulByte) {
  const Item item = DecodedComment(CommentWith("ping @bob", R"(a\u0000b)"));
  EXPECT_EQ(item.body.substr(0, 3), std::string_view("a\0b", 3));
}

TEST(DecodeTest, OneBadItemAmongGoodOnesIsCountedAndTheOthersStay) {
  const auto decoded =
      Decoded(Listing::kIssueComments,
              {"null", kComment, "17", "\"text\"", "[]", kComment, "{}", "true",
               CommentWith(R"("id": 7)", R"("id": null)"), kComment});
  EXPECT_EQ(decoded.items.size(), 3U);
  EXPECT_EQ(decoded.skipped, 7U);
}

TEST(DecodeTest, AnIdIsAPositiveWholeNumber) {
  for (const char* id :
       {"\"7\"", "7.0", "7e0", "7.5", "-7", "0", "null", "true", "[7]", "{}",
        "9223372036854775808", "18446744073709551615", "1e300",
        "123456789012345678901234567890"}) {
    EXPECT_TRUE(
        IsLeftOut(CommentWith(R"("id": 7)", absl::StrCat("\"id\": ", id))))
        << id;
  }
  EXPECT_EQ(
      DecodedComment(CommentWith(R"("id": 7)", R"("id": 9223372036854775807)"))
          .id,
      std::numeric_limits<int64_t>::max());
}

TEST(DecodeTest, TimesAreOfThisAge) {
  for (const char* time :
       {"\"infinite-past\"", "\"infinite-future\"", "\"\"", "\"yesterday\"",
        "\"20000-01-01T00:00:00Z\"", "\"10000-01-01T00:00:00Z\"",
        "\"1969-12-31T23:59:59Z\"", "\"0000-00-00T00:00:00Z\"",
        "\"2024-13-01T00:00:00Z\"", "\"2024-02-30T00:00:00Z\"",
        "\"2024-05-02T25:00:00Z\"", "\"2024-05-02\"", "\"2024-05-02T11:30:59\"",
        "\"2024-05-02 11:30:59Z and then some words that nobody needs\"",
        "1714649459", "null", "{}", "\"9999-12-31T23:59:59-01:00\""}) {
    EXPECT_TRUE(IsLeftOut(CommentWith("\"2024-05-02T11:30:59Z\"", time)))
        << time;
  }
}

TEST(DecodeTest, ATimeMayHaveAnOffset) {
  const auto updated = [](const char* time) {
    return DecodedComment(CommentWith("2024-05-02T11:30:59Z", time)).updated_at;
  };
  EXPECT_EQ(updated("2024-05-02T13:30:59+02:00"), At("2024-05-02T11:30:59Z"));
  EXPECT_EQ(updated("2024-05-01T23:30:59-12:00"), At("2024-05-02T11:30:59Z"));
  EXPECT_EQ(updated("9999-12-31T23:59:59Z"), At("9999-12-31T23:59:59Z"));
}

TEST(DecodeTest, ValuesOfAnotherTypeLeaveTheirItemOut) {
  EXPECT_TRUE(
      IsLeftOut(CommentWith(R"("body": "ping)", R"("body": 5, "b": ")")));
  EXPECT_TRUE(
      IsLeftOut(CommentWith(R"("body": "ping)", R"("body": [], "b": ")")));
  EXPECT_TRUE(IsLeftOut(CommentWith(R"("login": "alice")", R"("login": 5)")));
  EXPECT_TRUE(
      IsLeftOut(CommentWith(R"("login": "alice")", R"("login": null)")));
  EXPECT_TRUE(IsLeftOut(CommentWith(R"("login":)", R"("name":)")));
  EXPECT_TRUE(IsLeftOut(CommentWith(R"("user": {)", R"("user": "x", "u": {)")));
  EXPECT_TRUE(IsLeftOut(CommentWith(R"("updated_at":)", R"("changed_at":)")));
  EXPECT_TRUE(IsLeftOut(CommentWith(R"("created_at":)", R"("born_at":)")));
  EXPECT_TRUE(IsLeftOut(CommentWith(R"("html_url":)", R"("web_url":)")));

  EXPECT_EQ(
      Decoded(Listing::kIssues,
              {With(kPull, R"("number": 15)", R"("number": "15")"), kPull})
          .skipped,
      1U);
  for (const char* url :
       {"null", "7", "\"\"", "\"https://x/pulls/\"", "\"https://x/pulls/abc\"",
        "\"https://x/issues/1\""}) {
    const std::string bad =
        With(kReviewComment,
             R"("https://api.github.com/repos/octo/cat/pulls/13")", url);
    EXPECT_EQ(Decoded(Listing::kReviewComments, {bad, kReviewComment}).skipped,
              1U)
        << url;
  }
}

TEST(DecodeTest, AUrlIsPlainAndNotEndless) {
  const std::string good = "https://github.com/octo/cat/pull/12#issuecomment-7";
  for (const std::string& url :
       {std::string(), good + R"(\u001b[2J)", good + R"(\n)", good + " x",
        good + R"(\u0000)", good + R"(\u007f)", good + R"(\u00e4)",
        good + R"(\u202e)", good + std::string(2048, 'x')}) {
    EXPECT_TRUE(IsLeftOut(CommentWith(good, url))) << url.substr(0, 80);
  }
  EXPECT_FALSE(IsLeftOut(CommentWith(good, good + std::string(1900, 'x'))));
}

TEST(DecodeTest, TextThatCannotBePassedOnLeavesItsItemOutAndNoOther) {
  // Each would otherwise hold up the whole listing for ever.
  for (const char* text : {
           "\xff",              // never in UTF-8
           "\xc0\xaf",          // overlong
           "\xe2\x82",          // cut short
           "\xed\xa0\x80",      // a surrogate
           "\xf4\x90\x80\x80",  // beyond Unicode
           R"(\ud800)",         // half a pair
           R"(\udc00\ud800)",   // the wrong way round
       }) {
    EXPECT_TRUE(IsLeftOut(CommentWith("ping @bob", text))) << text;
  }
  // Wherever in the item, and a number that is none for a machine.
  EXPECT_TRUE(IsLeftOut(CommentWith("\"node_id\"", "\"\xff\"")));
  EXPECT_TRUE(IsLeftOut(CommentWith(R"("id": 7)", R"("id": 1e999)")));
  // Brackets, quotes and backslashes in texts do not lead astray.
  const std::string tricky =
      CommentWith("ping @bob", R"(]},[{\" \\\\ \\\" { [ , \ud800)");
  EXPECT_TRUE(IsLeftOut(tricky));
}

TEST(DecodeTest, WhatIsNoListIsUnavailable) {
  for (const std::string_view json : {
           "",
           " ",
           "null",
           "true",
           "7",
           "\"text\"",
           "{}",
           R"({"message":"Not Found"})",
           "<!DOCTYPE html><html><body>Unicorn!</body></html>",
           "[",
           "[[",
           "[1",
           "[1,",
           "[1,]",
           "[1}",
           "[}",
           "]",
           "[]]",
           "[] []",
           "[1 2]",
           "[{\"a\"}]",
           "[{\"a\":}]",
           "[nul]",
           "['a']",
           "[\"a]",
           "[\"\xff]",
           "[\"\xff\",",
           "[\"\xff\"}",
           "[\"\xff\"]]",
           "[\"\xff\",nul]",
           "\"\xff\"",
           "{\"a\":\"\xff\"}",
       }) {
    EXPECT_EQ(DecodeListing(Listing::kIssueComments, json).status().code(),
              absl::StatusCode::kUnavailable)
        << json;
  }
  EXPECT_FALSE(DecodeListing(Listing::kIssues, std::string_view()).ok());
}

TEST(DecodeTest, AListCutShortAnywhereIsUnavailable) {
  // Not one item less than there are: that would be a loss.
  for (const std::string& json :
       {List({kComment, kReview}),
        List({kComment, CommentWith("ping @bob", "\xff")})}) {
    for (size_t size = 0; size < json.size(); ++size) {
      ASSERT_EQ(DecodeListing(Listing::kIssueComments, json.substr(0, size))
                    .status()
                    .code(),
                absl::StatusCode::kUnavailable)
          << "cut after " << size;
    }
  }
}

TEST(DecodeTest, AnErrorHasNothingOfTheBody) {
  const auto status =
      DecodeListing(Listing::kIssues, "[{\"body\":\"private words\"").status();
  EXPECT_EQ(status.message().find("private"), absl::string_view::npos);
}

TEST(DecodeTest, DeepNestingUsesUpNoStack) {
  for (const size_t depth : {10'000, 1'000'000}) {
    const std::string open(depth, '[');
    const std::string close(depth, ']');
    EXPECT_EQ(
        Decoded(Listing::kIssueComments, {kComment, open + close}).skipped, 1U);
    // In a good item, where nobody looks.
    EXPECT_EQ(
        DecodedComment(CommentWith(R"("reactions": {)",
                                   absl::StrCat(R"("deep": )", open, close,
                                                R"(, "reactions": {)")))
            .id,
        7);
    EXPECT_FALSE(DecodeListing(Listing::kIssueComments, open).ok());
    // With a text that makes each item be looked at on its own.
    EXPECT_EQ(Decoded(Listing::kIssueComments,
                      {kComment, absl::StrCat(open, "\"\xff\"", close)})
                  .skipped,
              1U);
    std::string objects;
    for (size_t i = 0; i < depth; ++i) objects += R"({"a":)";
    EXPECT_FALSE(DecodeListing(Listing::kIssueComments, "[" + objects).ok());
  }
}

TEST(DecodeTest, AnEmptyListIsAListing) {
  for (const char* json : {"[]", " [ ] ", "[\n]\n"}) {
    const auto decoded = DecodeListing(Listing::kIssues, json);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_TRUE(decoded->items.empty());
    EXPECT_EQ(decoded->skipped, 0U);
  }
}

TEST(DecodeErrorMessageTest, IsGitHubsMessageMadeSafe) {
  EXPECT_EQ(DecodeErrorMessage(R"({"message":"Not Found","status":"404"})"),
            "Not Found");
  EXPECT_EQ(DecodeErrorMessage("{\"message\":\"a\\u001b[1m\\nb\\u00e4\"}"),
            "a?[1m?b??");
  EXPECT_EQ(DecodeErrorMessage(absl::StrCat(R"({"message":")",
                                            std::string(500, 'x'), R"("})")),
            std::string(200, 'x'));
}

TEST(DecodeErrorMessageTest, IsEmptyWhereThereIsNone) {
  for (const char* json : {"", "null", "[]", "{}", "<html>", "{\"message\":7}",
                           "{\"message\":null}", "{\"message\":\"cut"}) {
    EXPECT_EQ(DecodeErrorMessage(json), "") << json;
  }
}

}  // namespace
}  // namespace mentiond
