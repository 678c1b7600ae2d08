#include "lib/github/repository.h"

#include "lib/github/delay.h"
#include "lib/github/response_status.h"
#include "lib/http/http.h"

namespace mentiond {
namespace {

// A rate limit says nothing about the size, nor does a server that is not
// there.
void Note(const absl::Status& status, PageSize& size) {
  if (status.ok()) {
    size.Succeeded();
  } else if (IsTransient(status) && !IsLimit(status) &&
             !IsWithoutConnection(status)) {
    size.Failed();
  }
}

}  // namespace

asio::awaitable<GitHubClient::PageResult> Repository::FetchPage(
    Listing listing, std::string url, Priority priority, absl::Time good_since,
    bool latest_only) {
  PageQuery query = {.listing = listing,
                     .url = std::move(url),
                     .token = token_,
                     .priority = priority,
                     .repo_url = url_,
                     .good_since = good_since,
                     .only_if_settled = true,
                     .latest_only = latest_only};
  auto page = co_await client_.FetchPage(std::move(query));
  Note(page.status(), page_sizes_[static_cast<size_t>(listing)]);
  if (page.ok() && !(*page)->moved_to.empty()) url_ = (*page)->moved_to;
  co_return page;
}

asio::awaitable<absl::StatusOr<std::optional<absl::Time>>>
Repository::LatestUpdate(Listing listing) {
  std::string url = ListingUrl(listing, url_, std::nullopt, /*per_page=*/1,
                               Direction::kNewestFirst);
  const auto page = co_await FetchPage(
      listing, std::move(url), Priority::kHistory, absl::InfiniteFuture(),
      /*latest_only=*/true);
  if (!page.ok()) co_return page.status();
  co_return (*page)->latest;
}

asio::awaitable<GitHubClient::PullResult> Repository::FetchPulls(
    std::vector<PullRequestPart> parts, Priority priority,
    absl::Time good_since) {
  PullQuery query = {.repo = name_,
                     .what = std::move(parts),
                     .token = token_,
                     .priority = priority,
                     .good_since = good_since};
  auto pulls = co_await client_.FetchPulls(std::move(query));
  Note(pulls.status(), pulls_per_query_);
  co_return pulls;
}

asio::awaitable<GitHubClient::PullResult> Repository::Search(
    PullSearch search) {
  search.first = results_per_query_.get();
  PullQuery query = {.repo = name_,
                     .what = std::move(search),
                     .token = token_,
                     .priority = Priority::kHistory};
  auto pulls = co_await client_.FetchPulls(std::move(query));
  Note(pulls.status(), results_per_query_);
  co_return pulls;
}

}  // namespace mentiond
