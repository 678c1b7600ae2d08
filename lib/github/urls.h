// The URLs of GitHub's APIs.
// https://docs.github.com/en/rest/issues, /rest/pulls, /graphql

#ifndef MENTIOND_LIB_GITHUB_URLS_H_
#define MENTIOND_LIB_GITHUB_URLS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "lib/base/repo_name.h"
#include "lib/github/types.h"

namespace mentiond {

// GitHub's maximum.
inline constexpr int kMaxItemsPerPage = 100;
// Ours, for pages that GitHub fails to return.
inline constexpr int kMinItemsPerPage = 12;

enum class Direction { kOldestFirst, kNewestFirst };

// All pure. `api_url` has no slash at the end; Enterprise Server's is
// https://HOST/api/v3.

// The API URL of a repository.
std::string RepoUrl(std::string_view api_url, const RepoName& repo);

// The first page of a repository-wide listing in order of last update, from
// `since` (inclusive, whole seconds) or from the beginning.
std::string ListingUrl(Listing listing, std::string_view repo_url,
                       std::optional<absl::Time> since,
                       int per_page = kMaxItemsPerPage,
                       Direction direction = Direction::kOldestFirst);

// Where GraphQL queries go: /graphql, or /api/graphql on Enterprise Server,
// whose REST API is at /api/v3.
std::string GraphQlUrl(std::string_view api_url);

// The page size that `url` requests; GitHub's default where it has none.
size_t PerPageOf(std::string_view url);

// The URL of the page after the one at `url`, by its page number.
std::string NextPageUrl(std::string_view url);

// scheme://host[:port]/ of a URL that has a host, in lower case and without the
// port that the scheme has anyway: equal for URLs of the same origin.
std::string OriginOf(std::string_view url);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_URLS_H_
