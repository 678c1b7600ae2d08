#include "lib/github/github_client.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

#include "lib/github/answer_status.h"
#include "lib/github/decode.h"
#include "lib/github/response_meta.h"

namespace mentiond {
namespace {

// GitHub's maximum.
constexpr int kItemsPerPage = 100;

std::string_view PathOf(Listing listing) {
  switch (listing) {
    case Listing::kIssues:
      return "/issues?state=all&";
    case Listing::kIssueComments:
      return "/issues/comments?";
    case Listing::kReviewComments:
      return "/pulls/comments?";
    case Listing::kReviews:
      break;
  }
  LOG(FATAL) << "reviews are listed per pull request";
}

// scheme://host[:port]/ of a URL that has a host.
std::string OriginOf(std::string_view url) {
  const size_t scheme = url.find("://");
  const size_t slash =
      scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
  return absl::StrCat(std::string(url.substr(0, slash)), "/");
}

}  // namespace

GitHubClient::GitHubClient(HttpTransport& transport,
                           GitHubClientOptions options)
    : transport_(transport),
      options_(std::move(options)),
      origin_(OriginOf(options_.api_url)) {}

std::string GitHubClient::ListingUrl(Listing listing, const RepoName& repo,
                                     std::optional<absl::Time> since) const {
  std::string url =
      absl::StrCat(options_.api_url, "/repos/", repo.ToString(),
                   std::string(PathOf(listing)),
                   "sort=updated&direction=asc&per_page=", kItemsPerPage);
  if (since) {
    // Nothing on GitHub is older than the epoch; the year 1 would not have the
    // four digits that the format asks for.
    absl::StrAppend(&url, "&since=",
                    absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                                     std::max(*since, absl::UnixEpoch()),
                                     absl::UTCTimeZone()));
  }
  return url;
}

std::string GitHubClient::ReviewsUrl(const RepoName& repo,
                                     int64_t pull_request) const {
  return absl::StrCat(options_.api_url, "/repos/", repo.ToString(), "/pulls/",
                      pull_request, "/reviews?per_page=", kItemsPerPage);
}

asio::awaitable<absl::StatusOr<std::shared_ptr<const Page>>>
GitHubClient::FetchPage(Listing listing, Secret token, std::string url) {
  HttpRequest request;
  request.url = url;
  request.headers.Add("Accept", "application/vnd.github+json");
  request.headers.Add("User-Agent", options_.user_agent);
  request.headers.Add("X-GitHub-Api-Version", "2022-11-28");
  request.bearer = std::move(token);
  absl::StatusOr<HttpResponse> response =
      co_await transport_.Get(std::move(request));
  if (!response.ok()) co_return response.status();
  if (absl::Status status = StatusOfAnswer(*response); !status.ok()) {
    co_return status;
  }
  absl::StatusOr<DecodedItems> decoded = DecodeListing(listing, response->body);
  if (!decoded.ok()) co_return decoded.status();
  ResponseMeta meta = ParseResponseMeta(response->headers);
  if (!meta.next_url.empty() && !absl::StartsWith(meta.next_url, origin_)) {
    co_return absl::UnavailableError(
        "GitHub's next page is not on the API's own origin: not followed");
  }

  auto page = std::make_shared<Page>();
  page->items = std::move(decoded->items);
  page->skipped = decoded->skipped;
  page->next_url = std::move(meta.next_url);
  page->last_page = meta.last_page;
  for (const Item& item : page->items) {
    page->latest =
        std::max(page->latest.value_or(item.updated_at), item.updated_at);
  }
  if (page->skipped > 0) {
    LOG(WARNING) << "left out " << page->skipped << " malformed items of "
                 << url;
  }
  co_return page;
}

}  // namespace mentiond
