#include "lib/sync/search_history.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "glog/logging.h"

#include "lib/github/delay.h"
#include "lib/github/pull_query.h"
#include "lib/github/response_status.h"
#include "lib/subscription/progress.h"

namespace mentiond {
namespace {

// GitHub shows no more results of a search.
constexpr int64_t kMaxResults = 1000;
// GitHub says that its index lags by seconds; clocks differ, too.
constexpr absl::Duration kIndexLag = absl::Minutes(10);

constexpr std::array<Listing, kListings> kAllListings = {
    Listing::kIssues, Listing::kIssueComments, Listing::kReviewComments};

}  // namespace

asio::awaitable<absl::StatusOr<bool>> SearchHistory::Read() {
  const absl::Time began = clock_.Now();
  // Where polls continue: at the latest update, which is the same for all
  // streams of a quiet repository, unless the index may not know that yet.
  std::vector<std::pair<Listing, absl::Time>> marks;
  absl::Time settled = began - kIndexLag;
  for (const Listing listing : kAllListings) {
    if (!subscription_.sources.NeedsListing(listing)) continue;
    const auto latest = co_await repository_.LatestUpdate(listing);
    if (!latest.ok()) co_return latest.status();
    if (!*latest) continue;
    marks.emplace_back(listing, std::min(**latest, began - kIndexLag));
    settled = std::min(settled, marks.back().second);
  }
  settled -= kOverlap;

  const auto complete = co_await FindMentions();
  if (!complete.ok() && IsTransient(complete.status())) {
    co_return complete.status();
  }
  if (absl::IsCancelled(complete.status())) co_return complete.status();
  if (!complete.ok() || !*complete) {
    LOG(INFO) << "stream " << stream_ << ": reading the complete history of "
              << subscription_.repo.ToString()
              << ", as the search is incomplete: " << complete.status();
    co_return false;
  }
  absl::Status status =
      co_await outbox_.OfferSorted(std::move(found_), settled);
  if (!status.ok()) co_return status;
  for (const auto& [listing, mark] : marks) {
    outbox_.SetHighWaterMark(listing, mark);
  }
  outbox_.RaisePullFloors(settled);
  outbox_.SkipFullRead(began);
  co_return true;
}

// True: all that the search knows has been read. An error that is not transient
// means the same as false.
asio::awaitable<absl::StatusOr<bool>> SearchHistory::FindMentions() {
  PullSearch search = {.user = subscription_.target.text(),
                       .pulls_only = !subscription_.sources.HasIssueSources()};
  size_t results = 0;
  do {
    const bool is_smallest = repository_.results_per_query() == 1;
    const auto page = co_await repository_.Search(search);
    if (!page.ok() && is_smallest && !IsLimit(page.status()) &&
        IsTransient(page.status())) {
      // It fails however little it has to find.
      co_return false;
    }
    if (!page.ok()) co_return page.status();
    results += (*page)->results;
    const bool last = (*page)->next_cursor.empty();
    if ((*page)->result_count > kMaxResults || !(*page)->unread.empty() ||
        (last && static_cast<int64_t>(results) < (*page)->result_count)) {
      co_return false;
    }
    absl::Status status = co_await Collect(**page);
    if (!status.ok()) co_return status;
    search.after = (*page)->next_cursor;
  } while (!search.after.empty());

  while (!more_.empty()) {
    const auto size = std::min<size_t>(more_.size(), kMaxPartsPerQuery);
    std::vector<PullRequestPart> parts(
        more_.end() - static_cast<ptrdiff_t>(size), more_.end());
    more_.resize(more_.size() - size);
    const auto page = co_await repository_.FetchPulls(
        std::move(parts), Priority::kHistory, absl::InfiniteFuture());
    if (!page.ok()) co_return page.status();
    if (!(*page)->unread.empty()) co_return false;
    absl::Status status = co_await Collect(**page);
    if (!status.ok()) co_return status;
  }
  co_return true;
}

asio::awaitable<absl::Status> SearchHistory::Collect(const PullPage& page) {
  for (const Item& item : page.items) {
    const auto is_new = co_await outbox_.IsNewMention(item);
    if (!is_new.ok()) co_return is_new.status();
    if (*is_new) found_.push_back(item);
  }
  more_.insert(more_.end(), page.more.begin(), page.more.end());
  co_return absl::OkStatus();
}

}  // namespace mentiond
