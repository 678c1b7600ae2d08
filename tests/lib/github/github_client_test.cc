#include "lib/github/github_client.h"

#include "lib/github/urls.h"
#include "tests/lib/github/client_fixture.h"

namespace mentiond {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;
using ::testing::Not;

class GitHubClientTest : public ClientFixture {
 protected:
  explicit GitHubClientTest(GitHubClientOptions options = {})
      : ClientFixture(std::move(options)) {}

  // What comes of following a page to its next, which is said to be at `url`.
  PageResult FetchWithNext(const std::string& url) {
    Serve(200, "[]", {{"Link", absl::StrCat("<", url, R"(>; rel="next")")}});
    const PageResult page =
        Fetch(Query(absl::StrCat(client_.api_url(), "/listing")));
    EXPECT_TRUE(page.ok()) << page.status();
    return Fetch(Query((*page)->next_url));
  }
};

struct EnterpriseClientTest : public GitHubClientTest {
  EnterpriseClientTest()
      : GitHubClientTest({.api_url = "https://git.example:8443/api/v3",
                          .user_agent = "mentiond/9"}) {}
};

TEST_F(EnterpriseClientTest, ThePortIsPartOfTheOrigin) {
  EXPECT_TRUE(FetchWithNext("https://git.example:8443/api/v3/x?page=2").ok());
  EXPECT_EQ(transport_.requests().back().headers.Get("User-Agent"),
            "mentiond/9");
  EXPECT_FALSE(FetchWithNext("https://git.example/api/v3/x?page=2").ok());
  EXPECT_FALSE(FetchWithNext("https://git.example:84/api/v3/x?page=2").ok());
  EXPECT_FALSE(FetchWithNext("https://git.example:84430/api/v3/x").ok());
}

TEST_F(GitHubClientTest, EveryRequestSaysWhoAsksAndWhatItUnderstands) {
  for (const char* token : {"ghp_one", ""}) {
    ASSERT_TRUE(Fetch(Query("https://api.github.com/a", token)).ok());
    const HttpRequest& request = transport_.requests().back();
    EXPECT_EQ(request.url, "https://api.github.com/a");
    EXPECT_EQ(request.headers.Get("Accept"), "application/vnd.github+json");
    EXPECT_EQ(request.headers.Get("User-Agent"), "mentiond");
    EXPECT_EQ(request.headers.Get("X-GitHub-Api-Version"), "2022-11-28");
    EXPECT_EQ(request.bearer.Expose(), token);
    // Only there: the headers may be looked at.
    EXPECT_EQ(request.headers.Get("Authorization"), std::nullopt);
  }
}

TEST_F(GitHubClientTest, APageHasItsItemsItsLatestUpdateAndItsNeighbours) {
  const std::string first = CommentAt(1, "2024-01-01T00:00:00Z");
  const std::string last = CommentAt(2, "2024-01-03T00:00:00Z");
  Serve(200, List({first, R"({"id":"bad"})", last, first}),
        {{"Link",
          R"(<https://api.github.com/repositories/1/x?page=2>; rel="next", )"
          R"(<https://api.github.com/x?page=7>; rel="last")"}});
  PageResult page = FetchAnother();
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ((*page)->items.size(), 3U);
  EXPECT_EQ((*page)->skipped, 1U);
  EXPECT_EQ((*page)->latest,
            absl::FromCivil(absl::CivilDay(2024, 1, 3), absl::UTCTimeZone()));
  EXPECT_EQ((*page)->next_url,
            "https://api.github.com/repositories/1/x?page=2");
  EXPECT_EQ((*page)->last_page, 7U);

  Serve(200, "[]");
  page = FetchAnother();
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ((*page)->items.size() + (*page)->skipped, 0U);
  EXPECT_EQ((*page)->latest, std::nullopt);
  EXPECT_EQ((*page)->next_url, "");
  EXPECT_EQ((*page)->last_page, 0U);
}

TEST_F(GitHubClientTest, BodiesThatCannotMentionAnybodyAreNotKept) {
  const std::string without = "a long body without any mention";
  for (const std::string& body :
       {without, std::string("hi @octocat"), std::string("hi &#64;octocat"),
        std::string("a@b"), std::string("R&D")}) {
    Serve(200, List({CommentAt(1, "2024-01-01T00:00:00Z", body)}));
    const PageResult page = FetchAnother();
    ASSERT_TRUE(page.ok()) << page.status();
    const Item& item = (*page)->items.at(0);
    EXPECT_EQ(item.body, body == without ? "" : body);
    EXPECT_EQ(item.url.empty(), item.body.empty()) << "it says where that is";
    EXPECT_EQ(item.author.empty(), item.body.empty());
  }
}

TEST_F(GitHubClientTest, AllEmptyPagesAreOne) {
  const auto empty = FetchAnother().value();
  EXPECT_EQ(FetchAnother().value(), empty);
  EXPECT_NE(empty->version, 0U) << "which stands for no page";
  Serve(200, List({CommentAt(1, "2024-01-01T00:00:00Z")}));
  EXPECT_NE(FetchAnother().value()->version, empty->version);
}

// Next pages, and targets of redirects, to which the token must not go.
constexpr const char* kElsewhere[] = {
    "https://api.github.com.evil.example/x?page=2",
    "https://api.github.com@evil.example/x?page=2",
    "https://api.github.com:443@evil.example/x?page=2",
    "https://api.github.com:8443/x?page=2",
    "https://api.github.comevil.example/x?page=2",
    R"(https://api.github.com\@evil.example/x?page=2)",
    R"(https://api.github.com\.evil.example/x?page=2)",
    "https://evil.example/https://api.github.com/x?page=2",
    "https://evil.example/?https://api.github.com/",
    "https://evil.example#https://api.github.com/",
    "https://user@api.github.com/x?page=2",
    "http://api.github.com/x?page=2",
    "ftp://api.github.com/x",
    "file:///etc/passwd",
    "//api.github.com/x?page=2",
    "//evil.example/x?page=2",
    "/x?page=2",
    "x?page=2",
    "https://api.github.com?page=2",
    "https://api.github.com#@evil.example/",
};

TEST_F(GitHubClientTest, TheTokenDoesNotLeaveTheApisOrigin) {
  const auto expect_refused = [&](const std::string& url, size_t sent,
                                  const absl::Status& status) {
    EXPECT_EQ(status.code(), StatusCode::kUnavailable) << url;
    EXPECT_EQ(requests(), sent) << url;
    EXPECT_THAT(status.ToString(), Not(HasSubstr("evil")));
  };
  for (const char* url : kElsewhere) {
    size_t sent = requests() + 1;
    expect_refused(url, sent++, FetchWithNext(url).status());
    if (*url == '/' && url[1] == 'x') url = "";  // a target may be a path
    Serve(301, "", {{"Location", url}});
    expect_refused(url, sent, FetchAnother().status());
  }

  // On the origin a next page may have any form.
  for (const char* url : {
           "https://api.github.com/repositories/1/issues?page=2",
           "https://api.github.com/repos/o/r/issues?after=abc&since=2024",
           "https://api.github.com/x?to=https://evil.example/",
       }) {
    const PageResult page = FetchWithNext(url);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(transport_.requests().back().url, url);
  }
}

TEST_F(GitHubClientTest, ErrorsComeFromTheResponseOrTheTransport) {
  const std::pair<absl::StatusOr<HttpResponse>, StatusCode> cases[] = {
      {Answer(401, "{}"), StatusCode::kUnavailable},  // tried again
      {Answer(403, R"({"message":"No"})"), StatusCode::kPermissionDenied},
      {Answer(404, R"({"message":"No"})"), StatusCode::kNotFound},
      {Answer(410, "{}"), StatusCode::kFailedPrecondition},
      {Answer(429, "{}"), StatusCode::kUnavailable},
      {Answer(451, "{}"), StatusCode::kFailedPrecondition},
      {Answer(500, "{}"), StatusCode::kUnavailable},
      {Answer(200, "<html>"), StatusCode::kUnavailable},
      {absl::DeadlineExceededError("late"), StatusCode::kDeadlineExceeded},
  };
  for (const auto& [answer, code] : cases) {
    answer_ = [&](const HttpRequest&) { return answer; };
    const absl::Status status =
        FetchAnother(absl::StrCat("ghp_secret", count_)).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(status.ToString(), Not(HasSubstr("ghp_secret")));
  }
}

}  // namespace
}  // namespace mentiond
