#include "lib/github/decode.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "lib/github/types.h"
#include "tests/lib/github/decode_samples.h"

namespace mentiond {
namespace {

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

TEST(DecodeTest, BotsAreTold) {
  const auto author = [](const std::string& user) {
    return DecodedComment(
               CommentWith(R"({"login": "alice", "id": 1, "type": "User", )"
                           R"("site_admin": false})",
                           user))
        .author;
  };
  EXPECT_EQ(author(R"({"login": "Copilot", "type": "Bot"})"), "Copilot[bot]");
  EXPECT_EQ(author(R"({"login": "renovate[bot]", "type": "Bot"})"),
            "renovate[bot]");
  EXPECT_EQ(author(R"({"login": "bob", "type": "Organization"})"), "bob");
}

TEST(DecodeTest, TheIssuesListingHasTitlesAndStates) {
  const auto state = [](const std::string& fields) {
    return Decoded(Listing::kIssues,
                   {With(kPull, R"("number": 15)",
                         absl::StrCat(R"("number": 15, )", fields))})
        .items.at(0);
  };
  const Item open = state(R"("title": "Fix \u00fc", "state": "open")");
  EXPECT_EQ(open.title, "Fix \u00fc");
  EXPECT_EQ(open.state, mentions::v1::PULL_STATE_OPEN);
  const Item closed = state(R"("title": 7, "state": "closed")");
  EXPECT_EQ(closed.title, "") << "not a string";
  EXPECT_EQ(closed.state, mentions::v1::PULL_STATE_CLOSED);
  EXPECT_EQ(state(absl::StrCat(R"("title": ")", std::string(1025, 'x'),
                               R"(", "state": null)"))
                .title,
            "")
      << "too long";
  const auto merged =
      Decoded(Listing::kIssues,
              {R"({"id": 1, "number": 2, "user": null, "body": null, )"
               R"("html_url": "https://github.com/o/r/pull/2", )"
               R"("created_at": "2024-05-01T10:00:00Z", )"
               R"("updated_at": "2024-05-01T10:00:00Z", "state": "closed", )"
               R"("pull_request": {"merged_at": "2024-05-01T10:00:00Z"}})"});
  ASSERT_EQ(merged.items.size(), 1U);
  EXPECT_EQ(merged.items[0].state, mentions::v1::PULL_STATE_MERGED);
}

TEST(DecodeTest, TheUrlDistinguishesAPullRequestsCommentsFromAnIssues) {
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

TEST(DecodeTest, NullAndAbsentBodiesAndAccountsAreEmpty) {
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

}  // namespace
}  // namespace mentiond
