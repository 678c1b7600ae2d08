#include "lib/stream/pull_scan.h"

#include <limits>
#include <utility>

#include "lib/base/proto_time.h"
#include "lib/mention/ascending_numbers.h"

namespace mentiond {
namespace {

// About two bytes each in a token, of which the cursor needs some, too. A scan
// that has found more stops to advance: so much more is read again after a
// break.
constexpr size_t kMaxFound = 700;
// What that takes at most, for numbers that GitHub has.
constexpr size_t kMaxScanBytes = 2800;

constexpr std::pair<Listing, state::HistoryScan::List> kLists[] = {
    {Listing::kSearch, state::HistoryScan::LIST_UNSPECIFIED},
    {Listing::kIssueComments, state::HistoryScan::LIST_COMMENTS},
    {Listing::kReviewComments, state::HistoryScan::LIST_REVIEW_COMMENTS},
    {Listing::kReviews, state::HistoryScan::LIST_REVIEWS},
};

std::optional<Listing> ListingOf(state::HistoryScan::List list) {
  for (const auto& [listing, saved] : kLists) {
    if (saved == list) return listing;
  }
  return std::nullopt;
}

state::HistoryScan::List ListOf(Listing listing) {
  for (const auto& [known, list] : kLists) {
    if (known == listing) return list;
  }
  return state::HistoryScan::LIST_UNSPECIFIED;
}

}  // namespace

std::optional<PullScan> PullScan::Load(const state::HistoryScan& from) {
  if (!IsTimestampSecond(from.began()) || !IsTimestampSecond(from.until()) ||
      from.after() > std::numeric_limits<int64_t>::max() ||
      from.found_deltas_size() > static_cast<int>(kMaxFound) ||
      from.ByteSizeLong() > kMaxScanBytes) {
    return std::nullopt;
  }
  PullScan scan(absl::FromUnixSeconds(from.began()), from.indexed());
  const std::optional<Listing> listing = ListingOf(from.list());
  if (!listing) return std::nullopt;
  scan.listing_ = *listing;
  scan.after_ = static_cast<int64_t>(from.after());
  if (from.has_until()) scan.until_ = absl::FromUnixSeconds(from.until());
  if (!LoadAscending(from.found_deltas(),
                     [&](int64_t number) { scan.found_.insert(number); })) {
    return std::nullopt;
  }
  return scan;
}

void PullScan::Save(state::HistoryScan& to) const {
  to.set_began(absl::ToUnixSeconds(began_));
  to.set_indexed(indexed_);
  to.set_list(ListOf(listing_));
  to.set_after(static_cast<uint64_t>(after_));
  if (until_) to.set_until(absl::ToUnixSeconds(*until_));
  AscendingWriter found(to.mutable_found_deltas());
  for (const int64_t number : found_) found.Add(number);
}

void PullScan::SetUntil(std::optional<absl::Time> time) {
  if (until_ || !time) return;
  until_ = time;
  ++revision_;
}

void PullScan::BeginListing(Listing listing) {
  listing_ = listing;
  after_ = 0;
  found_.clear();
  ++revision_;
}

void PullScan::MarkRead(int64_t number, bool found) {
  if (found_.size() >= kMaxFound || number <= after_) return;
  after_ = number;
  if (found) found_.insert(number);
  ++revision_;
}

}  // namespace mentiond
