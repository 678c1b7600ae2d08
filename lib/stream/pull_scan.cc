#include "lib/stream/pull_scan.h"

namespace mentiond {
namespace {

// About two bytes each in a token, of which the cursor needs some, too. A scan
// that has found more stops to advance: so much more is read again after a
// break.
constexpr size_t kMaxFound = 700;

}  // namespace

PullScan PullScan::Load(const state::HistoryScan& from) {
  PullScan scan(absl::FromUnixSeconds(from.began()), from.indexed());
  switch (static_cast<Listing>(from.listing())) {
    case Listing::kIssueComments:
    case Listing::kReviewComments:
    case Listing::kReviews:
      scan.listing_ = static_cast<Listing>(from.listing());
      break;
    default:
      scan.listing_ = Listing::kSearch;
  }
  scan.after_ = static_cast<int64_t>(from.after());
  if (from.has_until()) scan.until_ = absl::FromUnixSeconds(from.until());
  uint64_t number = 0;
  for (const uint64_t delta : from.found_deltas()) {
    number += delta;
    scan.found_.insert(static_cast<int64_t>(number));
  }
  return scan;
}

void PullScan::Save(state::HistoryScan& to) const {
  to.set_began(absl::ToUnixSeconds(began_));
  to.set_indexed(indexed_);
  to.set_listing(static_cast<uint32_t>(listing_));
  to.set_after(static_cast<uint64_t>(after_));
  if (until_) to.set_until(absl::ToUnixSeconds(*until_));
  int64_t previous = 0;
  for (const int64_t number : found_) {
    to.add_found_deltas(static_cast<uint64_t>(number - previous));
    previous = number;
  }
}

void PullScan::BeginListing(Listing listing) {
  listing_ = listing;
  after_ = 0;
  found_.clear();
}

void PullScan::MarkRead(int64_t number, bool found) {
  if (found_.size() >= kMaxFound || number <= after_) return;
  after_ = number;
  if (found) found_.insert(number);
}

}  // namespace mentiond
