#include "lib/stream/repo_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/time.h"

#include "lib/github/urls.h"
#include "lib/stream/events.h"
#include "lib/stream/pull_scan.h"

namespace mentiond {
namespace {

// When the issues listing moves, the others may show why a little later.
constexpr int kBusyPolls = 3;

// Where texts of a source come in order of time; nullopt: they do not.
std::optional<Listing> ListingOf(Source source) {
  switch (source) {
    case Source::SOURCE_PULL_REQUEST_COMMENT:
    case Source::SOURCE_ISSUE_COMMENT:
      return Listing::kIssueComments;
    case Source::SOURCE_REVIEW_COMMENT:
      return Listing::kReviewComments;
    case Source::SOURCE_REVIEW:
      return Listing::kReviews;
    default:
      return std::nullopt;
  }
}

}  // namespace

RepoReader::RepoReader(GitHubClient& github, const Clock& clock,
                       int64_t search_from_requests,
                       const Subscription& subscription, Delivery& delivery)
    : github_(github),
      clock_(clock),
      search_from_requests_(search_from_requests),
      subscription_(subscription),
      delivery_(delivery),
      reviews_(github, clock, subscription, delivery),
      listings_(github, clock, subscription, delivery, reviews_),
      history_(delivery.point().synced ? History::kRead : History::kNotBegun) {
  if (history_ == History::kRead) return;
  scan_resumed_ = delivery_.point().scan.has_value();
  listings_.SetAllIssues(scan_resumed_ && WantsReviews());
}

bool RepoReader::WantsReviews() const {
  return subscription_.sources.Contains(Source::SOURCE_REVIEW);
}

asio::awaitable<absl::Status> RepoReader::ReadNews(bool full) {
  const std::vector<Listing>& all = listings_.listings();
  const bool has_detector = all.size() > 1 && all.front() == Listing::kIssues;
  for (const Listing listing : all) {
    const bool is_detector = has_detector && listing == Listing::kIssues;
    if (has_detector && !is_detector && !full && busy_polls_ == 0) break;
    const auto moved = co_await listings_.Read(listing);
    if (!moved.ok()) co_return moved.status();
    if (is_detector && *moved) busy_polls_ = kBusyPolls;
  }
  if (absl::Status status = co_await ReadReviews(Priority::kLive);
      !status.ok()) {
    co_return status;
  }
  // Only now: a poll that failed is made again.
  busy_polls_ = std::max(0, busy_polls_ - 1);
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> RepoReader::ReadHistory() {
  absl::Status status;
  if (history_ == History::kNotBegun) status = co_await BeginHistory();
  if (status.ok() && history_ == History::kListings) {
    status = co_await ReadListedHistory();
  } else if (status.ok() && history_ == History::kIndexed) {
    status = co_await ReadIndexedHistory();
  }
  if (!status.ok()) co_return status;
  history_ = History::kRead;
  delivery_.point().scan.reset();
  listings_.SetAllIssues(false);
  co_return co_await CatchUp();
}

// Reads all first pages first: they tell how many pages there are, and so
// which way is cheaper.
asio::awaitable<absl::Status> RepoReader::BeginHistory() {
  std::optional<PullScan>& scan = delivery_.point().scan;
  if (!scan) scan.emplace(clock_.Now(), /*indexed=*/false);
  if (absl::Status status = co_await listings_.BeginAll(); !status.ok()) {
    co_return status;
  }
  history_ = History::kListings;
  const PlainCost cost = CostOfListings();
  if (scan_resumed_ ? !scan->indexed()
                    : !IndexedHistory::IsCandidate(cost, search_from_requests_,
                                                   subscription_)) {
    co_return absl::OkStatus();
  }
  // Begun before the question: what is newer is left to the listings.
  if (!scan_resumed_) scan.emplace(clock_.Now(), /*indexed=*/true);
  auto indexed = std::make_unique<IndexedHistory>(github_, subscription_,
                                                  listings_.repo_url(), *scan);
  if (co_await indexed->IsCheaperThan(cost)) {
    indexed_ = std::move(indexed);
    listings_.Abandon();
    history_ = History::kIndexed;
  } else {
    scan.emplace(clock_.Now(), /*indexed=*/false);
  }
  co_return absl::OkStatus();
}

PlainCost RepoReader::CostOfListings() const {
  const ListingFeed::Pages pages = listings_.pages();
  PlainCost cost = {.listing_pages = pages.total};
  // How many of them are pull requests shows only when they are read.
  if (WantsReviews()) cost.reviews = int64_t{pages.issues} * kMaxItemsPerPage;
  return cost;
}

asio::awaitable<absl::Status> RepoReader::ReadListedHistory() {
  absl::Status status = co_await ReadListings();
  if (status.ok()) status = co_await ReadReviews(Priority::kHistory);
  if (!status.ok()) {
    // What has come meanwhile is not to wait until the fault has passed.
    pages_done_ += listings_.pages().done;
    listings_.Abandon();
  }
  co_return status;
}

asio::awaitable<absl::Status> RepoReader::ReadListings() {
  if (!listings_.has_begun()) {  // after a failure
    if (absl::Status status = co_await listings_.BeginAll(); !status.ok()) {
      co_return status;
    }
  }
  while (true) {
    const auto more = co_await listings_.Step();
    if (!more.ok()) co_return more.status();
    if (!*more) co_return absl::OkStatus();
    if (absl::Status status = co_await SendProgress(); !status.ok()) {
      co_return status;
    }
  }
}

asio::awaitable<absl::Status> RepoReader::ReadIndexedHistory() {
  while (true) {
    const auto progress = co_await indexed_->Step();
    if (!progress.ok()) co_return progress.status();
    if (*progress != IndexedHistory::Progress::kMore) {
      if (absl::Status status = co_await DeliverFound(indexed_->TakeFound());
          !status.ok()) {
        co_return status;
      }
    }
    if (absl::Status status = co_await SendProgress(); !status.ok()) {
      co_return status;
    }
    if (*progress == IndexedHistory::Progress::kAllDone) break;
  }
  // Behind the delivering, so that what the listings show again is known.
  Cursor& cursor = delivery_.cursor();
  for (const Listing listing : listings_.listings()) {
    cursor.Advance(listing, indexed_->ReadOnFrom(listing));
  }
  cursor.Advance(Listing::kReviews, indexed_->ReadOnFrom(Listing::kIssues));
  indexed_.reset();
  co_return absl::OkStatus();
}

// Texts of one kind, oldest first: what is delivered moves the cursor on, so
// that a stream that breaks off here goes on here.
asio::awaitable<absl::Status> RepoReader::DeliverFound(
    std::vector<Item> found) {
  Cursor& cursor = delivery_.cursor();
  for (const Item& item : found) {
    const auto mentions = co_await delivery_.Mentions(item);
    if (!mentions.ok()) co_return mentions.status();
    // One that does not mention the user is left to the listings: what it was
    // at another time is not known here.
    if (!*mentions || !cursor.Observe(item, true)) continue;
    if (const std::optional<Listing> listing = ListingOf(item.source)) {
      const Listing bound =
          *listing == Listing::kReviews ? Listing::kIssues : *listing;
      cursor.Advance(*listing,
                     std::min(item.updated_at, indexed_->ReadOnFrom(bound)));
    }
    if (absl::Status status = co_await delivery_.Send(MentionEvent(item));
        !status.ok()) {
      co_return status;
    }
  }
  co_return absl::OkStatus();
}

// A long history takes its time, in which its beginning can have changed; and
// what the polls are going to ask is not what was asked for the history. One
// reading more answers both.
asio::awaitable<absl::Status> RepoReader::CatchUp() {
  for (const Listing listing : listings_.listings()) {
    if (!listings_.IsBehind(listing)) continue;
    const auto moved = co_await listings_.Read(listing);
    if (!moved.ok()) co_return moved.status();
  }
  busy_polls_ = kBusyPolls;
  co_return co_await ReadReviews(Priority::kHistory);
}

asio::awaitable<absl::Status> RepoReader::ReadReviews(Priority priority) {
  reviews_.BeginRound(listings_.repo_url(), priority);
  while (true) {
    const auto more = co_await reviews_.Step();
    if (!more.ok()) co_return more.status();
    if (!*more) break;
    if (absl::Status status = co_await SendProgress(); !status.ok()) {
      co_return status;
    }
  }
  co_return co_await reviews_.EndRound();
}

// Only the history has an end worth waiting for.
asio::awaitable<absl::Status> RepoReader::SendProgress() {
  if (history_ == History::kRead) co_return absl::OkStatus();
  if (indexed_ != nullptr) {
    co_return co_await delivery_.Send(
        ProgressEvent(indexed_->pages_done(), indexed_->pages_total()));
  }
  const ListingFeed::Pages pages = listings_.pages();
  const uint32_t before = pages_done_ + reviews_.pages_done();
  // How many pull requests have reviews to read shows at the issues' end.
  const uint32_t total =
      pages.all_issues_read
          ? before + pages.total + static_cast<uint32_t>(reviews_.due())
          : 0;
  co_return co_await delivery_.Send(ProgressEvent(before + pages.done, total));
}

}  // namespace mentiond
