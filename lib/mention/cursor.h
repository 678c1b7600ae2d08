// Remembers what a subscription has been given and how far it has read, and so
// decides which text is new. Pure: no clock, no I/O.
//
// What a version is differs by source, because GitHub's `updated_at` does:
//  - A comment's moves when it is edited, and only then: each (id, updated_at)
//    is a version. Comment listings are read in the order of that time, so it
//    is enough to remember the versions of a short overlap.
//  - A description's also moves with every comment and label: a version is a
//    changed body, remembered for as long as the subscription lives.
//  - A review has none, and the whole list is read again when its pull request
//    moves: a version is the review, remembered likewise.

#ifndef MENTIOND_LIB_MENTION_CURSOR_H_
#define MENTIOND_LIB_MENTION_CURSOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

#include "lib/github/types.h"

namespace mentiond {

class Cursor {
 public:
  // Leaves out what was last updated before `since`. An item may become
  // visible as late as `overlap` after its `updated_at` and is still found.
  Cursor(std::optional<absl::Time> since, absl::Duration overlap)
      : since_(since), overlap_(overlap) {}

  // Where the next reading of a repository-wide listing begins (inclusive);
  // nullopt: at its beginning.
  std::optional<absl::Time> ReadFrom(Listing listing) const;

  // Takes note of an item. True: deliver it. `mentions`: whether its body
  // mentions the user; items that do not matter too, since an edit can take a
  // mention away and a later one bring it back.
  bool Observe(const Item& item, bool mentions);

  // Everything in a repository-wide listing up to `updated_at` was observed.
  void Advance(Listing listing, absl::Time updated_at);

 private:
  using Version = std::pair<absl::Time, int64_t>;
  using Place = std::pair<int, int64_t>;  // source, id

  struct Position {
    std::optional<absl::Time> furthest;
    // What was delivered inside the overlap; comment listings only.
    absl::btree_set<Version> delivered;
  };

  Position& At(Listing listing) {
    return positions_[static_cast<size_t>(listing)];
  }
  const Position& At(Listing listing) const {
    return positions_[static_cast<size_t>(listing)];
  }

  bool ObserveComment(Position& position, const Item& item, bool mentions);
  bool ObserveDescription(const Item& item, bool mentions);
  bool ObserveReview(const Item& item, bool mentions);

  std::optional<absl::Time> since_;
  absl::Duration overlap_;
  std::array<Position, 3> positions_;
  // Delivered descriptions by the fingerprint of their body; reviews.
  absl::flat_hash_map<Place, size_t> standing_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_MENTION_CURSOR_H_
