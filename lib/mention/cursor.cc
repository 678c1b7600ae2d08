#include "lib/mention/cursor.h"

#include <algorithm>
#include <string_view>

#include "absl/hash/hash.h"

namespace mentiond {

std::optional<absl::Time> Cursor::ReadFrom(Listing listing) const {
  const std::optional<absl::Time>& furthest = At(listing).furthest;
  if (!furthest) return since_;
  const absl::Time from = *furthest - overlap_;
  return since_ ? std::max(*since_, from) : from;
}

bool Cursor::Observe(const Item& item, bool mentions) {
  if (since_ && item.updated_at < *since_) return false;
  switch (item.source) {
    case Source::SOURCE_PULL_REQUEST_COMMENT:
    case Source::SOURCE_ISSUE_COMMENT:
      return ObserveComment(At(Listing::kIssueComments), item, mentions);
    case Source::SOURCE_REVIEW_COMMENT:
      return ObserveComment(At(Listing::kReviewComments), item, mentions);
    case Source::SOURCE_PULL_REQUEST:
    case Source::SOURCE_ISSUE:
      return ObserveDescription(item, mentions);
    case Source::SOURCE_REVIEW:
      return ObserveReview(item, mentions);
    default:
      return false;
  }
}

void Cursor::Advance(Listing listing, absl::Time updated_at) {
  Position& position = At(listing);
  position.furthest =
      std::max(position.furthest.value_or(updated_at), updated_at);
  // What begins before the overlap is not read again.
  const Version oldest{*position.furthest - overlap_, 0};
  position.delivered.erase(position.delivered.begin(),
                           position.delivered.lower_bound(oldest));
}

bool Cursor::ObserveComment(Position& position, const Item& item,
                            bool mentions) {
  if (!mentions) return false;
  // Older than the overlap: read again only because the window began there.
  if (position.furthest && item.updated_at < *position.furthest - overlap_) {
    return false;
  }
  return position.delivered.insert({item.updated_at, item.id}).second;
}

bool Cursor::ObserveDescription(const Item& item, bool mentions) {
  const Place place{item.source, item.id};
  if (!mentions) {
    standing_.erase(place);
    return false;
  }
  const size_t body = absl::HashOf(item.body);
  const auto [entry, is_new] = standing_.try_emplace(place, body);
  if (!is_new && entry->second == body) return false;
  entry->second = body;
  return true;
}

bool Cursor::ObserveReview(const Item& item, bool mentions) {
  if (!mentions) return false;
  return standing_.try_emplace(Place{item.source, item.id}, 0).second;
}

}  // namespace mentiond
