#include "lib/github/urls.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glog/logging.h"

#include "lib/base/strings.h"

namespace mentiond {
namespace {

constexpr size_t kDefaultItemsPerPage = 30;

// The value of a parameter in the query of `url`, a part of it; empty: none.
std::string_view QueryValue(std::string_view url, std::string_view name) {
  size_t begin = url.find('?');
  while (begin != std::string_view::npos) {
    const std::string_view rest = url.substr(begin + 1);
    if (rest.size() > name.size() && rest.substr(0, name.size()) == name &&
        rest[name.size()] == '=') {
      const std::string_view value = rest.substr(name.size() + 1);
      return value.substr(0, value.find('&'));
    }
    begin = url.find('&', begin + 1);
  }
  return {};
}

const char* PathOf(Listing listing) {
  switch (listing) {
    case Listing::kIssues:
      return "/issues?state=all&";
    case Listing::kIssueComments:
      return "/issues/comments?";
    case Listing::kReviewComments:
      return "/pulls/comments?";
  }
  LOG(FATAL) << "not a listing: " << static_cast<int>(listing);
}

}  // namespace

std::string RepoUrl(std::string_view api_url, const RepoName& repo) {
  return absl::StrCat(ToAbsl(api_url), "/repos/", repo.ToString());
}

std::string ListingUrl(Listing listing, std::string_view repo_url,
                       std::optional<absl::Time> since, int per_page,
                       Direction direction) {
  std::string url =
      absl::StrCat(ToAbsl(repo_url), PathOf(listing), "sort=updated&direction=",
                   direction == Direction::kOldestFirst ? "asc" : "desc",
                   "&per_page=", per_page);
  if (since) {
    // Nothing on GitHub is older than the epoch; the year 1 would not have the
    // four digits that the format requires.
    absl::StrAppend(&url, "&since=",
                    absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                                     std::max(*since, absl::UnixEpoch()),
                                     absl::UTCTimeZone()));
  }
  return url;
}

std::string GraphQlUrl(std::string_view api_url) {
  absl::string_view base = ToAbsl(api_url);
  if (absl::ConsumeSuffix(&base, "/api/v3")) {
    return absl::StrCat(base, "/api/graphql");
  }
  return absl::StrCat(base, "/graphql");
}

size_t PerPageOf(std::string_view url) {
  size_t per_page = 0;
  return absl::SimpleAtoi(ToAbsl(QueryValue(url, "per_page")), &per_page)
             ? per_page
             : kDefaultItemsPerPage;
}

std::string NextPageUrl(std::string_view url) {
  const std::string_view page = QueryValue(url, "page");
  uint64_t number = 1;
  if (page.empty() || !absl::SimpleAtoi(ToAbsl(page), &number)) {
    return absl::StrCat(ToAbsl(url),
                        url.find('?') == std::string_view::npos ? "?" : "&",
                        "page=2");
  }
  const auto begin = static_cast<size_t>(page.data() - url.data());
  return absl::StrCat(ToAbsl(url.substr(0, begin)), number + 1,
                      ToAbsl(url.substr(begin + page.size())));
}

std::string OriginOf(std::string_view url) {
  const size_t scheme = url.find("://");
  const size_t slash =
      scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
  const std::string origin =
      absl::AsciiStrToLower(ToAbsl(url.substr(0, slash)));
  absl::string_view plain = origin;
  if (absl::StartsWith(plain, "https:")) absl::ConsumeSuffix(&plain, ":443");
  if (absl::StartsWith(plain, "http:")) absl::ConsumeSuffix(&plain, ":80");
  return absl::StrCat(plain, "/");
}

}  // namespace mentiond
