#include "lib/github/urls.h"

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/base/repo_name.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

constexpr char kApi[] = "https://api.github.com";
constexpr char kRepo[] = "https://api.github.com/repos/Bitcoin-Core/gui";

RepoName Repo() { return *RepoName::Parse("Bitcoin-Core/gui", "github.com"); }

TEST(UrlsTest, ARepositoryIsBelowTheApi) {
  EXPECT_EQ(RepoUrl(kApi, Repo()), kRepo);
  EXPECT_EQ(RepoUrl("https://git.example:8443/api/v3", Repo()),
            "https://git.example:8443/api/v3/repos/Bitcoin-Core/gui");
}

TEST(UrlsTest, ListingsAreRequestedInOrderOfTheirLastUpdate) {
  EXPECT_EQ(ListingUrl(Listing::kIssues, kRepo, std::nullopt),
            "https://api.github.com/repos/Bitcoin-Core/gui/issues?state=all&"
            "sort=updated&direction=asc&per_page=100");
  EXPECT_EQ(ListingUrl(Listing::kIssueComments, kRepo, std::nullopt, 50),
            "https://api.github.com/repos/Bitcoin-Core/gui/issues/comments?"
            "sort=updated&direction=asc&per_page=50");
  EXPECT_EQ(ListingUrl(Listing::kReviewComments, kRepo, std::nullopt, 1,
                       Direction::kNewestFirst),
            "https://api.github.com/repos/Bitcoin-Core/gui/pulls/comments?"
            "sort=updated&direction=desc&per_page=1");
}

TEST(UrlsTest, GraphQlIsBesideTheRestApi) {
  EXPECT_EQ(GraphQlUrl(kApi), "https://api.github.com/graphql");
  EXPECT_EQ(GraphQlUrl("https://git.example:8443/api/v3"),
            "https://git.example:8443/api/graphql");
  EXPECT_EQ(GraphQlUrl("http://127.0.0.1:8080"),
            "http://127.0.0.1:8080/graphql");
}

TEST(UrlsTest, SinceIsInWholeSecondsOfUtc) {
  const auto url = [](absl::Time since) {
    return ListingUrl(Listing::kIssueComments, kRepo, since);
  };
  EXPECT_THAT(url(absl::FromUnixSeconds(1'700'000'000)),
              HasSubstr("&since=2023-11-14T22:13:20Z"));
  EXPECT_THAT(url(absl::FromUnixMillis(1'700'000'000'999)),
              HasSubstr("&since=2023-11-14T22:13:20Z"))
      << "rounded down: nothing may be left out";
}

TEST(UrlsTest, ASinceBeforeAllTimeIsTheEpoch) {
  // Years below 1000 would not have four digits.
  for (const absl::Time since :
       {absl::FromUnixSeconds(-1), absl::FromUnixSeconds(-62'135'596'800),
        absl::InfinitePast()}) {
    EXPECT_THAT(ListingUrl(Listing::kIssueComments, kRepo, since),
                HasSubstr("&since=1970-01-01T00:00:00Z"));
  }
}

TEST(UrlsTest, TheOriginEndsWithASlash) {
  EXPECT_EQ(OriginOf("https://git.example:8443/api/v3"),
            "https://git.example:8443/");
  EXPECT_EQ(OriginOf("https://API.GitHub.com:443/x"), "https://api.github.com/")
      << "one origin, however it is written";
  EXPECT_EQ(OriginOf("http://localhost:443/x"), "http://localhost:443/");
  EXPECT_EQ(OriginOf("https://api.github.com"), "https://api.github.com/");
}

TEST(UrlsTest, TheNextPageHasTheNextNumber) {
  EXPECT_EQ(NextPageUrl("https://x/a"), "https://x/a?page=2");
  EXPECT_EQ(NextPageUrl("https://x/a?per_page=100"),
            "https://x/a?per_page=100&page=2");
  EXPECT_EQ(NextPageUrl("https://x/a?page=9&since=2"),
            "https://x/a?page=10&since=2");
  EXPECT_EQ(NextPageUrl("https://x/a?per_page=7&page=2"),
            "https://x/a?per_page=7&page=3");
}

TEST(UrlsTest, HowMuchAPageMayHold) {
  EXPECT_EQ(PerPageOf("https://x/a?sort=b&per_page=50&page=3"), 50U);
  EXPECT_EQ(PerPageOf("https://x/a?page=50"), 30U) << "GitHub's default";
}

}  // namespace
}  // namespace mentiond
