#include "lib/github/github_client.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "asio/io_context.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/base/repo_name.h"
#include "lib/base/secret.h"
#include "lib/github/types.h"
#include "lib/github/urls.h"
#include "lib/http/http.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;
using ::testing::Not;

std::string CommentAt(int id, const std::string& updated) {
  return absl::StrCat(
      R"({"id":)", id, R"(,"user":{"login":"alice"},"body":"hi",)",
      R"("html_url":"https://github.com/o/r/pull/1#issuecomment-)", id,
      R"(","created_at":"2020-01-01T00:00:00Z","updated_at":")", updated,
      R"("})");
}

class GitHubClientTest : public ::testing::Test {
 protected:
  using Fetched = absl::StatusOr<std::shared_ptr<const Page>>;

  explicit GitHubClientTest(GitHubClientOptions options = {})
      : client_(loop_.get_executor(), transport_, clock_, std::move(options)) {}
  ~GitHubClientTest() override { RunReady(loop_); }

  // Long after all earlier requests.
  Fetched Fetch(std::string url = "") {
    if (url.empty()) url = absl::StrCat(client_.api_url(), "/listing");
    clock_.Advance(absl::Hours(2));
    return RunUntilDone(loop_,
                        client_.FetchPage({.listing = Listing::kIssueComments,
                                           .url = std::move(url),
                                           .token = Secret("ghp_secret")}));
  }
  // What comes of following a page to its next, which is said to be at `url`.
  Fetched FetchWithNext(const std::string& url) {
    answer_ = Answer(200, "[]",
                     {{"Link", absl::StrCat("<", url, R"(>; rel="next")")}});
    const Fetched page = Fetch();
    EXPECT_TRUE(page.ok()) << page.status();
    return Fetch((*page)->next_url);
  }

  asio::io_context loop_;
  FakeClock clock_;
  absl::StatusOr<HttpResponse> answer_ = Answer(200, "[]");
  FakeTransport transport_{[this](const HttpRequest&) { return answer_; }};
  const RepoName repo_ = *RepoName::Parse("Bitcoin-Core/gui", "github.com");
  GitHubClient client_;
};

class EnterpriseClientTest : public GitHubClientTest {
 protected:
  EnterpriseClientTest()
      : GitHubClientTest({.api_url = "https://git.example:8443/api/v3",
                          .user_agent = "mentiond/9"}) {}
};

TEST_F(EnterpriseClientTest, AnEnterpriseServersApiIsBelowAPath) {
  EXPECT_EQ(RepoUrl(client_.api_url(), repo_),
            "https://git.example:8443/api/v3/repos/Bitcoin-Core/gui");
  ASSERT_TRUE(Fetch().ok());
  EXPECT_EQ(transport_.requests().back().headers.Get("User-Agent"),
            "mentiond/9");
}

TEST_F(EnterpriseClientTest, ThePortIsPartOfTheOrigin) {
  EXPECT_TRUE(FetchWithNext("https://git.example:8443/api/v3/x?page=2").ok());
  EXPECT_FALSE(FetchWithNext("https://git.example/api/v3/x?page=2").ok());
  EXPECT_FALSE(FetchWithNext("https://git.example:84/api/v3/x?page=2").ok());
  EXPECT_FALSE(FetchWithNext("https://git.example:84430/api/v3/x").ok());
}

TEST_F(GitHubClientTest, EveryRequestSaysWhoAsksAndWhatItUnderstands) {
  ASSERT_TRUE(Fetch("https://api.github.com/a").ok());
  ASSERT_TRUE(Fetch("https://api.github.com/b").ok());

  ASSERT_EQ(transport_.requests().size(), 2U);
  for (const HttpRequest& request : transport_.requests()) {
    EXPECT_EQ(request.headers.Get("Accept"), "application/vnd.github+json");
    EXPECT_EQ(request.headers.Get("User-Agent"), "mentiond");
    EXPECT_EQ(request.headers.Get("X-GitHub-Api-Version"), "2022-11-28");
    EXPECT_EQ(request.bearer.Expose(), "ghp_secret");
    // Only there: the headers may be looked at.
    EXPECT_EQ(request.headers.Get("Authorization"), std::nullopt);
  }
  EXPECT_EQ(transport_.requests()[0].url, "https://api.github.com/a");
}

TEST_F(GitHubClientTest, APageHasItsItemsItsLatestUpdateAndItsNeighbours) {
  answer_ = Answer(
      200,
      absl::StrCat("[", CommentAt(1, "2024-01-01T00:00:00Z"), ",",
                   CommentAt(2, "2024-01-03T00:00:00Z"), ",",
                   CommentAt(3, "2024-01-02T00:00:00Z"), "]"),
      {{"Link",
        R"(<https://api.github.com/repositories/1/x?page=2>; )"
        R"(rel="next", <https://api.github.com/x?page=7>; rel="last")"}});

  const Fetched page = Fetch();

  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ((*page)->items.size(), 3U);
  EXPECT_EQ((*page)->skipped, 0U);
  EXPECT_EQ((*page)->latest,
            absl::FromCivil(absl::CivilDay(2024, 1, 3), absl::UTCTimeZone()));
  EXPECT_EQ((*page)->next_url,
            "https://api.github.com/repositories/1/x?page=2");
  EXPECT_EQ((*page)->last_page, 7U);
}

TEST_F(GitHubClientTest, BodiesThatCannotMentionAnybodyAreNotKept) {
  const auto body_of = [&](const std::string& body) {
    std::string comment = CommentAt(1, "2024-01-01T00:00:00Z");
    comment.replace(comment.find("hi"), 2, body);
    answer_ = Answer(200, absl::StrCat("[", comment, "]"));
    const Fetched page = Fetch();
    if (!page.ok()) return page.status().ToString();
    const Item& item = (*page)->items.at(0);
    EXPECT_EQ(item.url.empty(), item.body.empty()) << "it says where that is";
    EXPECT_EQ(item.author.empty(), item.body.empty());
    return item.body;
  };
  EXPECT_EQ(body_of("a long body without any mention"), "");
  for (const char* body : {"hi @octocat", "hi &#64;octocat", "a@b", "R&D"}) {
    EXPECT_EQ(body_of(body), body);
  }
}

TEST_F(GitHubClientTest, AllEmptyPagesAreOne) {
  const Fetched empty = Fetch("https://api.github.com/a");
  const Fetched another = Fetch("https://api.github.com/b");
  answer_ =
      Answer(200, absl::StrCat("[", CommentAt(1, "2024-01-01T00:00:00Z"), "]"));
  const Fetched full = Fetch("https://api.github.com/c");

  ASSERT_TRUE(empty.ok() && another.ok() && full.ok());
  EXPECT_EQ(*empty, *another);
  EXPECT_NE((*empty)->version, (*full)->version);
  EXPECT_NE((*empty)->version, 0U) << "which stands for no page";
}

TEST_F(GitHubClientTest, AnEmptyPageHasNoLatestUpdate) {
  const Fetched page = Fetch();
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_TRUE((*page)->items.empty());
  EXPECT_EQ((*page)->latest, std::nullopt);
  EXPECT_EQ((*page)->next_url, "");
  EXPECT_EQ((*page)->last_page, 0U);
}

TEST_F(GitHubClientTest, OneBadItemIsCountedAndTheOthersStay) {
  answer_ =
      Answer(200, absl::StrCat("[", CommentAt(1, "2024-01-01T00:00:00Z"),
                               ",{\"id\":\"bad\"},",
                               CommentAt(3, "2024-01-02T00:00:00Z"), "]"));
  const Fetched page = Fetch();
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ((*page)->items.size(), 2U);
  EXPECT_EQ((*page)->skipped, 1U);
}

TEST_F(GitHubClientTest, ANextPageElsewhereIsNotFollowed) {
  // The token would go there.
  for (const char* url : {
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
       }) {
    const size_t before = transport_.requests().size();
    const Fetched page = FetchWithNext(url);
    EXPECT_EQ(page.status().code(), StatusCode::kUnavailable) << url;
    EXPECT_EQ(transport_.requests().size(), before + 1) << url;
    EXPECT_THAT(std::string(page.status().message()), Not(HasSubstr("evil")));
  }
}

TEST_F(GitHubClientTest, ANextPageOnTheApisOriginMayHaveAnyForm) {
  for (const char* url : {
           "https://api.github.com/repositories/1/issues?page=2",
           "https://api.github.com/repos/o/r/issues?after=abc&since=2024",
           "https://api.github.com/x?to=https://evil.example/",
       }) {
    const Fetched page = FetchWithNext(url);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(transport_.requests().back().url, url);
  }
}

TEST_F(GitHubClientTest, ErrorsComeFromTheResponseOrTheTransport) {
  answer_ = Answer(404, R"({"message":"Not Found"})");
  EXPECT_EQ(Fetch().status().code(), StatusCode::kNotFound);
  answer_ = Answer(403, R"({"message":"Forbidden"})");
  EXPECT_EQ(Fetch().status().code(), StatusCode::kPermissionDenied);
  answer_ = Answer(200, "<html>");
  EXPECT_EQ(Fetch().status().code(), StatusCode::kUnavailable);
  answer_ = absl::DeadlineExceededError("too slow");
  EXPECT_EQ(Fetch().status().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(GitHubClientTest, ATokenIsInNoError) {
  for (const int status : {401, 403, 404, 410, 429, 451, 500}) {
    answer_ = Answer(status, "{}");
    EXPECT_THAT(Fetch().status().ToString(), Not(HasSubstr("ghp_secret")));
  }
}

}  // namespace
}  // namespace mentiond
