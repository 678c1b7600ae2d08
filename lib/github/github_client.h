// GitHub's REST API as this service uses it: pages of listings, by URL.

#ifndef MENTIOND_LIB_GITHUB_GITHUB_CLIENT_H_
#define MENTIOND_LIB_GITHUB_GITHUB_CLIENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/repo_name.h"
#include "lib/base/secret.h"
#include "lib/github/types.h"
#include "lib/http/http.h"

namespace mentiond {

struct GitHubClientOptions {
  // No slash at the end; Enterprise Server's is https://HOST/api/v3.
  std::string api_url = "https://api.github.com";
  // GitHub refuses requests that do not say who asks.
  std::string user_agent = "mentiond";
};

// Loop thread only.
class GitHubClient {
 public:
  // `transport` outlives the client.
  GitHubClient(HttpTransport& transport, GitHubClientOptions options);

  // The first page of a repository-wide listing in ascending order of last
  // update, from `since` (inclusive, whole seconds) or from the beginning.
  std::string ListingUrl(Listing listing, const RepoName& repo,
                         std::optional<absl::Time> since) const;
  // The first page of a pull request's reviews.
  std::string ReviewsUrl(const RepoName& repo, int64_t pull_request) const;

  // Reads one page. Errors as StatusOfAnswer and HttpTransport::Get say;
  // UNAVAILABLE also for a body that is no listing and for a next page that is
  // not on the API's own origin.
  asio::awaitable<absl::StatusOr<std::shared_ptr<const Page>>> FetchPage(
      Listing listing, Secret token, std::string url);

 private:
  HttpTransport& transport_;
  GitHubClientOptions options_;
  std::string origin_;  // scheme://host[:port]/
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_GITHUB_CLIENT_H_
