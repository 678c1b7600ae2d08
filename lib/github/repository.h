// One repository, read on behalf of one token: where it is, even after it has
// been renamed, and how much of it GitHub can return at a time.

#ifndef MENTIOND_LIB_GITHUB_REPOSITORY_H_
#define MENTIOND_LIB_GITHUB_REPOSITORY_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/repo_name.h"
#include "lib/base/secret.h"
#include "lib/github/github_client.h"
#include "lib/github/page_size.h"
#include "lib/github/pull_query.h"
#include "lib/github/types.h"
#include "lib/github/urls.h"

namespace mentiond {

// Loop thread only.
class Repository {
 public:
  // All outlive it.
  Repository(GitHubClient& client, const RepoName& name, const Secret& token)
      : client_(client),
        name_(name),
        token_(token),
        url_(RepoUrl(client.api_url(), name_)) {}

  const RepoName& name() const { return name_; }
  bool is_anonymous() const { return token_.empty(); }

  // The URL of a listing's first page from `since` on, see ListingUrl.
  std::string FirstPage(Listing listing,
                        std::optional<absl::Time> since) const {
    return ListingUrl(listing, url_, since, page_size(listing).get());
  }

  // How many pull requests to read by one query.
  int pulls_per_query() const { return pulls_per_query_.get(); }
  // How many results a search returns at a time.
  int results_per_query() const { return results_per_query_.get(); }

  // As GitHubClient::FetchPage; `latest_only`: see PageQuery.
  asio::awaitable<GitHubClient::PageResult> FetchPage(Listing listing,
                                                      std::string url,
                                                      Priority priority,
                                                      absl::Time good_since,
                                                      bool latest_only = false);

  // When the listing's most recently updated item was updated; nullopt: it is
  // empty.
  asio::awaitable<absl::StatusOr<std::optional<absl::Time>>> LatestUpdate(
      Listing listing);

  // As GitHubClient::FetchPulls. The results of a search have at most the
  // size that GitHub could return lately.
  asio::awaitable<GitHubClient::PullResult> FetchPulls(
      std::vector<PullRequestPart> parts, Priority priority,
      absl::Time good_since);
  asio::awaitable<GitHubClient::PullResult> Search(PullSearch search);

 private:
  const PageSize& page_size(Listing listing) const {
    return page_sizes_[static_cast<size_t>(listing)];
  }

  GitHubClient& client_;
  const RepoName& name_;
  const Secret& token_;
  std::string url_;

  std::array<PageSize, kListings> page_sizes_ = {
      PageSize(kMinItemsPerPage, kMaxItemsPerPage),
      PageSize(kMinItemsPerPage, kMaxItemsPerPage),
      PageSize(kMinItemsPerPage, kMaxItemsPerPage)};
  PageSize pulls_per_query_ = PageSize(1, kMaxPartsPerQuery);
  PageSize results_per_query_ = PageSize(1, kMaxSearchResultsPerQuery);
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_REPOSITORY_H_
