#include "lib/stream/indexed_history.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "glog/logging.h"

#include "lib/github/urls.h"
#include "lib/mention/extractor.h"

namespace mentiond {
namespace {

// Below so many requests the listings are read: they miss nothing.
constexpr int64_t kWorthAsking = 200;
// The index has to save at least half.
constexpr int64_t kWorthSaving = 2;
// GitHub shows no more results of a search.
constexpr int64_t kMaxResults = 1000;
// GitHub says that its index lags by seconds; clocks differ, too.
constexpr absl::Duration kIndexLag = absl::Minutes(10);

}  // namespace

IndexedHistory::IndexedHistory(GitHubClient& github, const Clock& clock,
                               const Subscription& subscription,
                               std::string repo_url)
    : github_(github),
      subscription_(subscription),
      repo_url_(std::move(repo_url)),
      began_(clock.Now()) {
  const SourceSet& sources = subscription_.sources;
  if (sources.Contains(Source::SOURCE_PULL_REQUEST_COMMENT)) {
    per_pull_.push_back(Listing::kIssueComments);
  }
  if (sources.Contains(Source::SOURCE_REVIEW_COMMENT)) {
    per_pull_.push_back(Listing::kReviewComments);
  }
  if (sources.Contains(Source::SOURCE_REVIEW)) {
    per_pull_.push_back(Listing::kReviews);
  }
}

bool IndexedHistory::IsCandidate(const PlainCost& plain,
                                 const Subscription& subscription) {
  return plain.listing_pages + plain.reviews >= kWorthAsking &&
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
      found / kMaxItemsPerPage + found * static_cast<int64_t>(per_pull_.size());
  if (cost * kWorthSaving > plain.listing_pages + plain.reviews) {
    co_return false;
  }
  LOG(INFO) << "reading the history of " << subscription_.repo.ToString()
            << " by search: " << found << " pull requests mention @"
            << subscription_.user.text();
  for (const Listing listing :
       {Listing::kIssues, Listing::kIssueComments, Listing::kReviewComments}) {
    todo_.push_back({listing,
                     ListingUrl(listing, repo_url_, std::nullopt,
                                /*per_page=*/1, Direction::kNewestFirst),
                     /*probe=*/true});
  }
  Take({Listing::kSearch, url}, **page);
  co_return true;
}

asio::awaitable<absl::StatusOr<bool>> IndexedHistory::Step() {
  if (todo_.empty()) co_return false;
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
  co_return true;
}

void IndexedHistory::Take(const Question& question, const Page& page) {
  if (question.probe) {
    if (page.latest) latest_[question.listing] = *page.latest;
    return;
  }
  // Before what is already to do: so much less has to be remembered.
  if (!page.next_url.empty()) {
    todo_.push_front({question.listing, page.next_url});
  }
  for (const Item& item : page.items) {
    if (Wants(item)) found_.push_back(item);
    if (question.listing != Listing::kSearch) continue;
    for (const Listing listing : per_pull_) {
      todo_.push_back({listing, PullUrl(listing, repo_url_, item.number)});
    }
  }
}

bool IndexedHistory::Wants(const Item& item) const {
  return subscription_.sources.Contains(item.source) &&
         MayMention(item.body, subscription_.user);
}

std::vector<Item> IndexedHistory::TakeFound() {
  std::stable_sort(found_.begin(), found_.end(),
                   [](const Item& a, const Item& b) {
                     return std::tie(a.source, a.updated_at) <
                            std::tie(b.source, b.updated_at);
                   });
  return std::exchange(found_, {});
}

absl::Time IndexedHistory::ReadOnFrom(Listing listing) const {
  const absl::Time known = began_ - kIndexLag;
  const auto latest = latest_.find(listing);
  // The same for all who begin at different times, where nothing is new.
  return latest == latest_.end() ? known : std::min(known, latest->second);
}

}  // namespace mentiond
