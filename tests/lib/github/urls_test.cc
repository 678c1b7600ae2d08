#include "lib/github/urls.h"

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

constexpr char kApi[] = "https://api.github.com";
constexpr char kEnterprise[] = "https://git.example:8443/api/v3";
constexpr char kRepo[] = "https://api.github.com/repos/Bitcoin-Core/gui";

TEST(UrlsTest, ARepositoryIsBelowTheApiAndGraphQlBesideIt) {
  const RepoName repo = *RepoName::Parse("Bitcoin-Core/gui", "github.com");
  EXPECT_EQ(RepoUrl(kApi, repo), kRepo);
  EXPECT_EQ(RepoUrl(kEnterprise, repo),
            "https://git.example:8443/api/v3/repos/Bitcoin-Core/gui");
  EXPECT_EQ(GraphQlUrl(kApi), "https://api.github.com/graphql");
  EXPECT_EQ(GraphQlUrl(kEnterprise), "https://git.example:8443/api/graphql");
  EXPECT_EQ(GraphQlUrl("http://127.0.0.1:80"), "http://127.0.0.1:80/graphql");
}

TEST(UrlsTest, ListingsAreRequestedInOrderOfTheirLastUpdate) {
  EXPECT_EQ(ListingUrl(Listing::kIssues, kRepo, std::nullopt),
            absl::StrCat(kRepo,
                         "/issues?state=all&sort=updated&direction=asc&"
                         "per_page=100"));
  EXPECT_EQ(ListingUrl(Listing::kIssueComments, kRepo, std::nullopt, 50),
            absl::StrCat(kRepo,
                         "/issues/comments?sort=updated&direction=asc&"
                         "per_page=50"));
  EXPECT_EQ(ListingUrl(Listing::kReviewComments, kRepo, std::nullopt, 1,
                       Direction::kNewestFirst),
            absl::StrCat(kRepo,
                         "/pulls/comments?sort=updated&direction=desc&"
                         "per_page=1"));
}

TEST(UrlsTest, SinceIsInWholeSecondsOfUtc) {
  const std::pair<absl::Time, const char*> cases[] = {
      {absl::FromUnixSeconds(1'700'000'000), "2023-11-14T22:13:20Z"},
      // Rounded down: nothing may be left out.
      {absl::FromUnixMillis(1'700'000'000'999), "2023-11-14T22:13:20Z"},
      // Years below 1000 would not have four digits.
      {absl::FromUnixSeconds(-1), "1970-01-01T00:00:00Z"},
      {absl::FromUnixSeconds(-62'135'596'800), "1970-01-01T00:00:00Z"},
      {absl::InfinitePast(), "1970-01-01T00:00:00Z"},
  };
  for (const auto& [since, text] : cases) {
    EXPECT_THAT(ListingUrl(Listing::kIssueComments, kRepo, since),
                testing::HasSubstr(absl::StrCat("&since=", text)));
  }
}

TEST(UrlsTest, TheOriginEndsWithASlashAndIsOneHoweverItIsWritten) {
  const std::pair<const char*, const char*> cases[] = {
      {kEnterprise, "https://git.example:8443/"},
      {"https://API.GitHub.com:443/x", "https://api.github.com/"},
      {"http://localhost:443/x", "http://localhost:443/"},
      {kApi, "https://api.github.com/"},
  };
  for (const auto& [url, origin] : cases) EXPECT_EQ(OriginOf(url), origin);
}

TEST(UrlsTest, TheNextPageHasTheNextNumber) {
  const std::pair<const char*, const char*> cases[] = {
      {"https://x/a", "https://x/a?page=2"},
      {"https://x/a?per_page=100", "https://x/a?per_page=100&page=2"},
      {"https://x/a?page=9&since=2", "https://x/a?page=10&since=2"},
      {"https://x/a?per_page=7&page=2", "https://x/a?per_page=7&page=3"},
  };
  for (const auto& [url, next] : cases) EXPECT_EQ(NextPageUrl(url), next);
  EXPECT_EQ(PerPageOf("https://x/a?sort=b&per_page=50&page=3"), 50U);
  EXPECT_EQ(PerPageOf("https://x/a?page=50"), 30U) << "GitHub's default";
}

}  // namespace
}  // namespace mentiond
