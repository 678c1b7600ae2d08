// Remembers what a subscription has been given and how far it has read, and so
// decides which text is new. Pure: no clock, no I/O. Small enough to travel in
// a resume token.
//
// What a version is differs by source, because GitHub's `updated_at` does:
//  - A comment's moves when it is edited, and only then: each (id, updated_at)
//    is a version. Comments come in the order of that time, so it is enough to
//    remember the versions of a short overlap.
//  - A review has only the time of its submission, and comes in the order of
//    that, as a round of readings delivers them sorted: likewise.
//  - A description's also moves with every comment and label: a version is a
//    changed body, of which the last delivered is remembered for each.

#ifndef MENTIOND_LIB_MENTION_CURSOR_H_
#define MENTIOND_LIB_MENTION_CURSOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"

#include "lib/github/types.h"
#include "lib/mention/delivery_window.h"
#include "lib/mention/resume_state.pb.h"

namespace mentiond {

class Cursor {
 public:
  // Leaves out what was last updated before `since`. An item may become
  // visible as late as `overlap` after its `updated_at` and is still found.
  Cursor(std::optional<absl::Time> since, absl::Duration overlap);

  // Where the next reading of a repository-wide listing begins (inclusive);
  // nullopt: at its beginning.
  std::optional<absl::Time> ReadFrom(Listing listing) const;
  // Up to where it has been read; nullopt: not at all.
  std::optional<absl::Time> Furthest(Listing listing) const;

  // Whether the item is to be delivered, if it mentions the user.
  bool IsNew(const Item& item) const;

  // Takes note of an item that is being delivered now, or that does not
  // mention the user; true: deliver it. Items that do not matter too, since an
  // edit can take a mention away and a later one bring it back.
  bool Observe(const Item& item, bool mentions);

  // Everything in a repository-wide listing up to `updated_at` was observed;
  // for kReviews: every review submitted until then.
  void Advance(Listing listing, absl::Time updated_at);

  // The state, in no more than about `max_bytes` serialised. Where that is not
  // enough, what an item can be late by shrinks, then fingerprints do; of the
  // oldest descriptions the text is forgotten, so that an edit is missed after
  // going on from here, and, when that is not enough either, that there are
  // others beside them. Nothing is ever delivered twice. What is in `to` beside
  // it counts; the least it takes is about 100 bytes, if need be more than
  // `max_bytes`.
  void Save(size_t max_bytes, state::ResumeState& to) const;

  // Goes on from a state. False: it is none.
  bool Load(const state::ResumeState& from);

  // Differs when Save() may give something else than before.
  uint64_t revision() const { return revision_; }

 private:
  bool IsNewDescription(const Item& item) const;
  void SaveAll(uint32_t fingerprint_bytes, state::ResumeState& to) const;
  bool GiveUp(size_t count);
  bool GiveUpWindows();

  std::optional<absl::Time> since_;
  absl::Duration overlap_;
  std::optional<absl::Time> issues_furthest_;
  // Of comments of either kind and of reviews.
  std::array<DeliveryWindow, 3> windows_;
  // By number, the fingerprint of the text delivered last; 0: of a text that
  // has been forgotten.
  absl::btree_map<int64_t, uint32_t> descriptions_;
  // Up to that number some descriptions that were delivered are not there.
  int64_t incomplete_up_to_ = 0;
  uint64_t revision_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_MENTION_CURSOR_H_
