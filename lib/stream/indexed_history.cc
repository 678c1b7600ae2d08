#include "lib/stream/indexed_history.h"

#include <algorithm>
#include <utility>

#include "glog/logging.h"

#include "lib/github/urls.h"
#include "lib/mention/extractor.h"

namespace mentiond {
namespace {

// The index has to save at least half.
constexpr int64_t kWorthSaving = 2;
// GitHub shows no more results of a search.
constexpr int64_t kMaxResults = 1000;
// GitHub says that its index lags by seconds; clocks differ, too.
constexpr absl::Duration kIndexLag = absl::Minutes(10);

std::deque<Listing> ListsOfPulls(const SourceSet& sources) {
  std::deque<Listing> listings;
  if (sources.Contains(Source::SOURCE_PULL_REQUEST_COMMENT)) {
    listings.push_back(Listing::kIssueComments);
  }
  if (sources.Contains(Source::SOURCE_REVIEW_COMMENT)) {
    listings.push_back(Listing::kReviewComments);
  }
  if (sources.Contains(Source::SOURCE_REVIEW)) {
    listings.push_back(Listing::kReviews);
  }
  return listings;
}

}  // namespace

IndexedHistory::IndexedHistory(GitHubClient& github,
                               const Subscription& subscription,
                               std::string repo_url, PullScan& scan)
    : github_(github),
      subscription_(subscription),
      repo_url_(std::move(repo_url)),
      scan_(scan),
      listings_(ListsOfPulls(subscription.sources)),
      resumed_(scan.listing() != Listing::kSearch) {
  // Those before the one under way have been delivered.
  while (resumed_ && !listings_.empty() &&
         listings_.front() != scan_.listing()) {
    listings_.pop_front();
  }
}

bool IndexedHistory::IsCandidate(const PlainCost& plain, int64_t from_requests,
                                 const Subscription& subscription) {
  return plain.listing_pages + plain.reviews >= from_requests &&
         !subscription.sources.Intersects(
             {Source::SOURCE_ISSUE, Source::SOURCE_ISSUE_COMMENT});
}

asio::awaitable<bool> IndexedHistory::IsCheaperThan(PlainCost plain) {
  const std::string url =
      SearchUrl(github_.api_url(), subscription_.repo, subscription_.user);
  PageQuery query = {.listing = Listing::kSearch,
                     .url = url,
                     .token = subscription_.token,
                     .priority = Priority::kHistory};
  const auto page = co_await github_.FetchPage(std::move(query));
  ++pages_done_;
  if (!page.ok() || !(*page)->found || *(*page)->found > kMaxResults) {
    co_return false;
  }
  const int64_t found = *(*page)->found;
  const int64_t cost =
      found / kMaxItemsPerPage + found * static_cast<int64_t>(listings_.size());
  if (cost * kWorthSaving > plain.listing_pages + plain.reviews) {
    co_return false;
  }
  LOG(INFO) << "reading the history of " << subscription_.repo.ToString()
            << " by search: " << found << " pull requests mention @"
            << subscription_.user.text();
  for (const Listing listing :
       {Listing::kIssues, Listing::kIssueComments, Listing::kReviewComments}) {
    todo_.push_back({.listing = listing,
                     .url = ListingUrl(listing, repo_url_, std::nullopt,
                                       /*per_page=*/1, Direction::kNewestFirst),
                     .probe = true});
  }
  Take({.listing = Listing::kSearch, .url = url}, **page);
  co_return true;
}

asio::awaitable<absl::StatusOr<IndexedHistory::Progress>>
IndexedHistory::Step() {
  if (std::exchange(part_over_, false)) {
    if (std::exchange(searched_, true)) listings_.pop_front();
    BeginListing();
  }
  if (!todo_.empty()) {
    const Question question = todo_.front();
    PageQuery query = {.listing = question.listing,
                       .url = question.url,
                       .token = subscription_.token,
                       .priority = Priority::kHistory};
    const auto page = co_await github_.FetchPage(std::move(query));
    if (!page.ok()) co_return page.status();
    todo_.pop_front();
    ++pages_done_;
    Take(question, **page);
    if (!todo_.empty()) co_return Progress::kMore;
  }
  // The search is done, or one of the lists of all pull requests. The next one
  // begins with the next step: until then the scan says where what was found
  // can be found again, should its delivery be broken off.
  part_over_ = true;
  const size_t left = listings_.size() - (searched_ ? 1 : 0);
  co_return left == 0 ? Progress::kAllDone : Progress::kSomeDone;
}

// The first of listings_, of each pull request. Progress that was made before
// a break counts for the first one.
void IndexedHistory::BeginListing() {
  if (listings_.empty()) return;
  const Listing listing = listings_.front();
  if (!std::exchange(resumed_, false)) scan_.BeginListing(listing);
  for (const int64_t number : pulls_) {
    if (scan_.Skips(number)) continue;
    todo_.push_back({.listing = listing,
                     .url = PullUrl(listing, repo_url_, number),
                     .number = number});
  }
}

void IndexedHistory::Take(const Question& question, const Page& page) {
  if (question.probe) {
    if (page.latest) latest_[question.listing] = *page.latest;
    return;
  }
  for (const Item& item : page.items) {
    if (question.listing == Listing::kSearch) pulls_.insert(item.number);
    if (subscription_.sources.Contains(item.source) &&
        MayMention(item.body, subscription_.user)) {
      found_.push_back(item);
      found_in_pull_ = true;
    }
  }
  if (!page.next_url.empty()) {
    todo_.push_front({.listing = question.listing,
                      .url = page.next_url,
                      .number = question.number});
  } else if (question.number > 0) {
    scan_.MarkRead(question.number, std::exchange(found_in_pull_, false));
  } else {
    found_in_pull_ = false;
  }
}

std::vector<Item> IndexedHistory::TakeFound() {
  std::stable_sort(
      found_.begin(), found_.end(),
      [](const Item& a, const Item& b) { return a.updated_at < b.updated_at; });
  return std::exchange(found_, {});
}

absl::Time IndexedHistory::ReadOnFrom(Listing listing) const {
  const absl::Time known = scan_.began() - kIndexLag;
  const auto latest = latest_.find(listing);
  // The same for all who begin at different times, where nothing is new.
  return latest == latest_.end() ? known : std::min(known, latest->second);
}

uint32_t IndexedHistory::pages_total() const {
  // Lists of pull requests that have not been begun.
  const size_t waiting =
      listings_.empty() ? 0 : listings_.size() - (searched_ ? 1 : 0);
  return pages_done_ +
         static_cast<uint32_t>(todo_.size() + waiting * pulls_.size());
}

}  // namespace mentiond
