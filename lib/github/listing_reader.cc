#include "lib/github/listing_reader.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"

namespace mentiond {
namespace {

// One second's pages: 100,000 items. More is a listing that links in circles.
constexpr uint32_t kMaxPagesInSecond = 1000;
// A second whose items are still being edited comes to rest when they have
// left it.
constexpr int kMaxReadingsOfSecond = 20;

}  // namespace

ListingReader::ListingReader(GitHubClient& client, Secret token, RepoName repo,
                             Listing listing, std::optional<absl::Time> since)
    : client_(client),
      token_(std::move(token)),
      repo_(std::move(repo)),
      listing_(listing),
      since_(since),
      url_(client_.ListingUrl(listing_, repo_, since_)) {}

asio::awaitable<absl::StatusOr<std::shared_ptr<const Page>>>
ListingReader::Next() {
  if (url_.empty()) co_return nullptr;
  auto page = co_await client_.FetchPage(listing_, token_, url_);
  if (!page.ok()) co_return page.status();
  ++pages_done_;
  if (pages_expected_ == 0) {
    pages_expected_ = std::max<uint32_t>(1, (*page)->last_page);
  }
  if (absl::Status status = MoveOn(**page); !status.ok()) co_return status;
  co_return page;
}

uint32_t ListingReader::pages_total() const {
  return url_.empty() ? pages_done_ : std::max(pages_expected_, pages_done_);
}

// After a page that has no next, or that reaches beyond the window's second.
void ListingReader::EndOrOpenWindow(const Page& page) {
  if (page.next_url.empty()) {
    url_.clear();
    return;
  }
  since_ = page.latest;
  url_ = client_.ListingUrl(listing_, repo_, since_);
  pages_in_window_ = 0;
  second_.clear();
  previous_second_.reset();
  readings_of_second_ = 0;
}

// Decides what to ask for after `page`.
absl::Status ListingReader::MoveOn(const Page& page) {
  ++pages_in_window_;
  for (const Item& item : page.items) {
    if (item.updated_at == since_) second_.push_back(item.id);
  }
  const bool beyond_second =
      page.latest.has_value() && (!since_ || *page.latest > *since_);
  if (!beyond_second && !page.next_url.empty()) {
    if (pages_in_window_ >= kMaxPagesInSecond) {
      return absl::UnavailableError("GitHub's listing does not end");
    }
    url_ = page.next_url;
    return absl::OkStatus();
  }
  if (pages_in_window_ > 1) return FinishSecond(page);
  EndOrOpenWindow(page);
  return absl::OkStatus();
}

// The end of a reading of several pages inside one second.
absl::Status ListingReader::FinishSecond(const Page& page) {
  const bool agreed = previous_second_ == second_;
  if (!agreed && ++readings_of_second_ >= kMaxReadingsOfSecond) {
    return absl::UnavailableError(
        "GitHub's listing changes faster than it can be read");
  }
  previous_second_ = second_;
  if (!agreed) {
    second_.clear();
    pages_in_window_ = 0;
    url_ = client_.ListingUrl(listing_, repo_, since_);
    return absl::OkStatus();
  }
  EndOrOpenWindow(page);
  return absl::OkStatus();
}

}  // namespace mentiond
