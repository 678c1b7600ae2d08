#include "lib/github/decode.h"

#include <limits>

#include "absl/time/time.h"

#include "tests/lib/github/decode_samples.h"

namespace mentiond {
namespace {

absl::Time At(const std::string& rfc3339) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, rfc3339, &time, nullptr));
  return time;
}

TEST(DecodeTest, CommentsAndReviewComments) {
  const Item item = DecodedItem(Listing::kIssueComments, kComment);
  EXPECT_EQ(item.source, Source::SOURCE_PULL_REQUEST_COMMENT);
  EXPECT_EQ(item.id, 7);
  EXPECT_EQ(item.number, 12);
  EXPECT_EQ(item.author, "alice");
  EXPECT_EQ(item.body, "ping @bob\r\n\u00e4 \U0001F600");
  EXPECT_EQ(item.url, "https://github.com/octo/cat/pull/12#issuecomment-7");
  EXPECT_EQ(item.created_at, At("2024-05-01T10:00:00Z"));
  EXPECT_EQ(item.updated_at, At("2024-05-02T11:30:59Z"));

  const Item other = DecodedItem(Listing::kReviewComments, kReviewComment);
  EXPECT_EQ(other.source, Source::SOURCE_REVIEW_COMMENT);
  EXPECT_EQ(other.id, 8);
  EXPECT_EQ(other.number, 13);
  EXPECT_EQ(other.author, "");
  EXPECT_EQ(other.body, "see @bob");
}

TEST(DecodeTest, TheIssuesListingHoldsPullRequestsAndIssues) {
  using mentions::v1::PullState;
  constexpr auto kOpen = PullState::PULL_STATE_OPEN;
  const std::string url =
      R"({"url": "https://api.github.com/repos/octo/cat/pulls/15"})";
  const struct {
    std::string text, by;
    Source source = Source::SOURCE_PULL_REQUEST;
    std::string title = "t";
    PullState state = kOpen;
  } cases[] = {
      {"15", "15"},
      {R"("pull_request": )" + url, R"("labels": [])", Source::SOURCE_ISSUE},
      {url, "null", Source::SOURCE_ISSUE},
      {R"("t")", R"("Fix \u00fc")", Source::SOURCE_PULL_REQUEST, "Fix \u00fc"},
      {R"("t")", "7", Source::SOURCE_PULL_REQUEST, ""},
      {R"("t")", absl::StrCat("\"", std::string(1025, 'x'), "\""),
       Source::SOURCE_PULL_REQUEST, ""},
      {"open", "closed", Source::SOURCE_PULL_REQUEST, "t",
       PullState::PULL_STATE_CLOSED},
      {url, R"({"merged_at": "2024-05-01T10:00:00Z"})",
       Source::SOURCE_PULL_REQUEST, "t", PullState::PULL_STATE_MERGED},
  };
  for (const auto& one : cases) {
    const Item item =
        DecodedItem(Listing::kIssues, With(kPull, one.text, one.by));
    EXPECT_EQ(item.source, one.source) << one.by;
    EXPECT_EQ(item.number, 15);
    EXPECT_EQ(item.body, "") << "null: an empty description";
    EXPECT_EQ(item.title, one.title);
    EXPECT_EQ(item.state, one.state) << one.by;
  }
}

TEST(DecodeTest, AuthorsAndBodies) {
  const std::string alice =
      R"({"login": "alice", "id": 1, "type": "User", "site_admin": false})";
  const std::pair<const char*, const char*> authors[] = {
      {R"({"login": "Copilot", "type": "Bot"})", "Copilot[bot]"},
      {R"({"login": "renovate[bot]", "type": "Bot"})", "renovate[bot]"},
      {R"({"login": "bob", "type": "Organization"})", "bob"},
      {"null", ""},
  };
  for (const auto& [user, author] : authors) {
    EXPECT_EQ(CommentWith(alice, user).author, author);
  }
  EXPECT_EQ(CommentWith(R"("user":)", R"("usr":)").author, "");

  const std::string body = R"("ping @bob\r\n\u00e4 \ud83d\ude00")";
  EXPECT_EQ(CommentWith(body, "null").body, "");
  EXPECT_EQ(CommentWith(R"("body":)", R"("text":)").body, "");
  EXPECT_EQ(CommentWith(body, R"("a\u0000b")").body, std::string("a\0b", 3));
  const std::string megabyte(1 << 20, 'x');
  EXPECT_EQ(CommentWith(body, absl::StrCat("\"", megabyte, "\"")).body,
            megabyte);
}

TEST(DecodeTest, TheUrlDistinguishesAPullRequestsCommentsFromAnIssues) {
  const std::pair<Source, std::vector<const char*>> cases[] = {
      {Source::SOURCE_PULL_REQUEST_COMMENT,
       {"/o/r/pull/5#issuecomment-1", "/o/r/pull/5", "/o/issues/pull/5#x",
        "/pull/pull/pull/5#issuecomment-1", "/issues/12/pull/5#x"}},
      {Source::SOURCE_ISSUE_COMMENT,
       {"/o/r/issues/5#issuecomment-1", "/o/pull/issues/5#issuecomment-1",
        "/pull/12/issues/5#issuecomment-1"}},
      // Neither: it is left out.
      {Source::SOURCE_UNSPECIFIED,
       {"/o/r/discussions/5#comment-1", "/o/r/pull/#issuecomment-1",
        "/o/r/pull/0#issuecomment-1", "/o/r/pull/-5#issuecomment-1",
        "/o/r/pull/5x#issuecomment-1", "/o/r/pull/99999999999999999999#x"}}};
  for (const auto& [source, paths] : cases) {
    for (const std::string path : paths) {
      for (const std::string host : {"https://github.com", "https://git.x"}) {
        const Item item = CommentWith(
            "https://github.com/octo/cat/pull/12#issuecomment-7", host + path);
        EXPECT_EQ(item.source, source) << path;
        EXPECT_EQ(item.number, source == Source::SOURCE_UNSPECIFIED ? -1 : 5);
      }
    }
  }
}

TEST(DecodeTest, BadItemsAmongGoodOnesAreCountedAndTheOthersStay) {
  const auto decoded =
      Decoded(Listing::kIssueComments,
              {"null", kComment, "17", "\"text\"", "[]", kComment, "{}", "true",
               With(kComment, R"("id": 7)", R"("id": null)"), kComment});
  EXPECT_EQ(decoded.items.size(), 3U);
  EXPECT_EQ(decoded.skipped, 7U);
  EXPECT_EQ(decoded.elements, 10U);
}

TEST(DecodeTest, AnIdIsAPositiveWholeNumber) {
  for (const char* id :
       {"\"7\"", "7.0", "7e0", "7.5", "-7", "0", "null", "true", "[7]", "{}",
        "9223372036854775808", "18446744073709551615", "1e300", "1e999",
        "123456789012345678901234567890"}) {
    EXPECT_TRUE(IsLeftOut(kComment, "\"id\": 7", absl::StrCat("\"id\": ", id)))
        << id;
  }
  EXPECT_EQ(CommentWith(R"("id": 7)", R"("id": 9223372036854775807)").id,
            std::numeric_limits<int64_t>::max());
}

TEST(DecodeTest, TimesAreOfThisAgeAndMayHaveAnOffset) {
  for (const char* time :
       {"\"infinite-past\"", "\"infinite-future\"", "\"\"", "\"yesterday\"",
        "\"20000-01-01T00:00:00Z\"", "\"10000-01-01T00:00:00Z\"",
        "\"1969-12-31T23:59:59Z\"", "\"0000-00-00T00:00:00Z\"",
        "\"2024-13-01T00:00:00Z\"", "\"2024-02-30T00:00:00Z\"",
        "\"2024-05-02T25:00:00Z\"", "\"2024-05-02\"", "\"2024-05-02T11:30:59\"",
        "\"2024-05-02 11:30:59Z and then some words that nobody needs\"",
        "1714649459", "null", "{}", "\"9999-12-31T23:59:59-01:00\""}) {
    EXPECT_TRUE(IsLeftOut(kComment, "\"2024-05-02T11:30:59Z\"", time)) << time;
  }
  for (const auto& [time, utc] :
       {std::pair("2024-05-02T13:30:59+02:00", "2024-05-02T11:30:59Z"),
        std::pair("2024-05-01T23:30:59-12:00", "2024-05-02T11:30:59Z"),
        std::pair("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z")}) {
    EXPECT_EQ(CommentWith("2024-05-02T11:30:59Z", time).updated_at, At(utc));
  }
}

TEST(DecodeTest, ValuesOfAnotherTypeLeaveTheirItemOut) {
  for (const auto& [text, by] :
       {std::pair(R"("body": "ping)", R"("body": 5, "b": ")"),
        std::pair(R"("body": "ping)", R"("body": [], "b": ")"),
        std::pair(R"("login": "alice")", R"("login": 5)"),
        std::pair(R"("login": "alice")", R"("login": null)"),
        std::pair(R"("login":)", R"("name":)"),
        std::pair(R"("user": {)", R"("user": "x", "u": {)"),
        std::pair(R"("updated_at":)", R"("changed_at":)"),
        std::pair(R"("created_at":)", R"("born_at":)"),
        std::pair(R"("html_url":)", R"("web_url":)")}) {
    EXPECT_TRUE(IsLeftOut(kComment, text, by)) << by;
  }
  EXPECT_TRUE(IsLeftOut(kPull, R"("number": 15)", R"("number": "15")",
                        Listing::kIssues));
  for (const char* url :
       {"null", "7", "\"\"", "\"https://x/pulls/\"", "\"https://x/pulls/abc\"",
        "\"https://x/issues/1\""}) {
    EXPECT_TRUE(IsLeftOut(kReviewComment,
                          R"("https://api.github.com/repos/octo/cat/pulls/13")",
                          url, Listing::kReviewComments))
        << url;
  }
}

TEST(DecodeTest, AUrlIsPlainAndNotEndless) {
  const std::string good = "https://github.com/octo/cat/pull/12#issuecomment-7";
  for (const std::string& url :
       {std::string(), good + R"(\u001b[2J)", good + R"(\n)", good + " x",
        good + R"(\u0000)", good + R"(\u007f)", good + R"(\u00e4)",
        good + R"(\u202e)", good + std::string(2048, 'x')}) {
    EXPECT_TRUE(IsLeftOut(kComment, good, url)) << url.substr(0, 80);
  }
  EXPECT_FALSE(IsLeftOut(kComment, good, good + std::string(1900, 'x')));
}

}  // namespace
}  // namespace mentiond
