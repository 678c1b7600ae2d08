#include "lib/github/listing_reader.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"

namespace mentiond {
namespace {

// One second's pages: 100,000 items. More is a listing that links in circles.
constexpr uint32_t kMaxPagesInSecond = 1000;
// A second whose items are still being edited settles when they have left it.
constexpr int kMaxReadingsOfSecond = 20;

// GitHub's times, and `since`, have no finer resolution: a window that began
// within a second would never end.
absl::Time WholeSecond(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

// An item that is on two pages has moved between them, and if it moved back,
// it has hidden another.
bool HasRepeats(std::vector<int64_t> ids) {
  std::sort(ids.begin(), ids.end());
  return std::adjacent_find(ids.begin(), ids.end()) != ids.end();
}

}  // namespace

ListingReader::ListingReader(Repository& repository, ListingQuery query)
    : repository_(repository),
      query_(query),
      since_(query_.since ? std::optional(WholeSecond(*query_.since))
                          : std::nullopt),
      url_(WindowUrl()) {}

asio::awaitable<absl::Status> ListingReader::Open() {
  auto page = co_await Fetch();
  if (!page.ok()) co_return page.status();
  first_page_ = *std::move(page);
  co_return absl::OkStatus();
}

asio::awaitable<absl::StatusOr<std::shared_ptr<const Page>>>
ListingReader::Next() {
  if (first_page_ != nullptr) co_return std::exchange(first_page_, nullptr);
  if (url_.empty()) co_return nullptr;
  co_return co_await Fetch();
}

asio::awaitable<absl::StatusOr<std::shared_ptr<const Page>>>
ListingReader::Fetch() {
  // Within a second only a new response shows what has moved.
  const bool in_second = pages_in_window_ > 0 || previous_second_;
  auto page = co_await repository_.FetchPage(
      query_.listing, url_, query_.priority,
      in_second ? absl::InfiniteFuture() : query_.good_since);
  if (!page.ok()) co_return page.status();
  ++pages_done_;
  if (pages_expected_ == 0) {
    pages_expected_ = std::max<uint32_t>(1, (*page)->last_page);
  }
  if (absl::Status status = Advance(**page); !status.ok()) co_return status;
  co_return page;
}

uint32_t ListingReader::pages_total() const {
  return url_.empty() ? pages_done_ : std::max(pages_expected_, pages_done_);
}

std::string ListingReader::WindowUrl() const {
  return repository_.FirstPage(query_.listing, since_);
}

// The next window, or the current one from its beginning.
void ListingReader::OpenWindow(std::optional<absl::Time> since) {
  if (since != since_) {
    since_ = since;
    previous_second_.reset();
    readings_of_second_ = 0;
  }
  url_ = WindowUrl();
  pages_in_window_ = 0;
  second_ = {};
}

// Decides what to request after `page`.
absl::Status ListingReader::Advance(const Page& page) {
  ++pages_in_window_;
  for (const Item& item : page.items) {
    if (WholeSecond(item.updated_at) == since_) second_.ids.push_back(item.id);
  }
  const std::optional<absl::Time> latest =
      page.latest ? std::optional(WholeSecond(*page.latest)) : std::nullopt;
  const bool beyond_second = latest && (!since_ || *latest > *since_);
  if (!beyond_second && !page.next_url.empty()) {
    if (pages_in_window_ >= kMaxPagesInSecond) {
      OpenWindow(since_);
      return absl::UnavailableError("GitHub's listing does not end");
    }
    url_ = page.next_url;
    return absl::OkStatus();
  }
  if (since_ && pages_in_window_ > 1 && !second_.ids.empty()) {
    return FinishSecond(*since_, latest);
  }
  if (page.next_url.empty()) {
    url_.clear();
  } else {
    OpenWindow(latest);
  }
  return absl::OkStatus();
}

// The end of a reading of several pages inside `second`, where the window
// begins; `latest` is the last page's.
absl::Status ListingReader::FinishSecond(absl::Time second,
                                         std::optional<absl::Time> latest) {
  second_.over = latest && *latest != second;
  const bool steady = previous_second_ == second_ && !HasRepeats(second_.ids);
  if (!steady) {
    previous_second_ = second_;
    const bool restless = ++readings_of_second_ >= kMaxReadingsOfSecond;
    if (restless) readings_of_second_ = 0;
    OpenWindow(second);
    return restless ? absl::UnavailableError(
                          "GitHub's listing changes faster than it can be read")
                    : absl::OkStatus();
  }
  if (second_.over) {
    // The second is complete, but what is beyond it on the last page may not
    // be: it can have moved onto the pages before while they were being read.
    OpenWindow(second + absl::Seconds(1));
  } else {
    url_.clear();
  }
  return absl::OkStatus();
}

}  // namespace mentiond
