// The addresses of what this service reads from GitHub's REST API.
// https://docs.github.com/en/rest/issues, /rest/pulls, /rest/search

#ifndef MENTIOND_LIB_GITHUB_URLS_H_
#define MENTIOND_LIB_GITHUB_URLS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "lib/base/login.h"
#include "lib/base/repo_name.h"
#include "lib/github/types.h"

namespace mentiond {

// GitHub's maximum.
inline constexpr int kMaxItemsPerPage = 100;

enum class Direction { kOldestFirst, kNewestFirst };

// All pure. `api_url` has no slash at the end; Enterprise Server's is
// https://HOST/api/v3.

// Where a repository is; all but the search takes this one.
std::string RepoUrl(std::string_view api_url, const RepoName& repo);

// The first page of a repository-wide listing in order of last update, from
// `since` (inclusive, whole seconds) or from the beginning.
std::string ListingUrl(Listing listing, std::string_view repo_url,
                       std::optional<absl::Time> since,
                       int per_page = kMaxItemsPerPage,
                       Direction direction = Direction::kOldestFirst);

// The first page of what belongs to one pull request: its reviews, or its
// comments of either kind.
std::string PullUrl(Listing listing, std::string_view repo_url,
                    int64_t pull_request);

// The first page of the pull requests that mention `user`, by GitHub's index.
std::string SearchUrl(std::string_view api_url, const RepoName& repo,
                      const Login& user);

// What `url` asks for at most; GitHub's default where it does not say.
size_t PerPageOf(std::string_view url);

// The page after the one at `url`, by its number.
std::string NextPageUrl(std::string_view url);

// scheme://host[:port]/ of a URL that has a host, in lower case and without the
// port that the scheme has anyway: equal for URLs of the same origin.
std::string OriginOf(std::string_view url);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_URLS_H_
