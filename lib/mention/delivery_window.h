// Which versions of texts have been delivered, for texts that come in order of
// their time, give or take an overlap: what is older than that has been dealt
// with, and what is inside it is remembered by a fingerprint each.

#ifndef MENTIOND_LIB_MENTION_DELIVERY_WINDOW_H_
#define MENTIOND_LIB_MENTION_DELIVERY_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/time/time.h"

#include "lib/mention/resume_state.pb.h"

namespace mentiond {

// Pure. Times count in whole seconds.
class DeliveryWindow {
 public:
  // A text may become visible as late as `overlap` after its time.
  explicit DeliveryWindow(absl::Duration overlap) : overlap_(overlap) {}

  // From when on texts have to be looked at (inclusive); nullopt: all.
  std::optional<absl::Time> Begin() const;
  std::optional<absl::Time> furthest() const;

  // Whether that version is new: not delivered, and not older than the window.
  bool IsNew(absl::Time time, uint32_t fingerprint) const;
  // Marks it delivered.
  void Add(absl::Time time, uint32_t fingerprint);
  // Everything up to `time` has been seen. Never moves back.
  void Advance(absl::Time time);

  // How many versions it remembers.
  size_t size() const { return delivered_.size(); }
  // Gives up the part of the overlap that the oldest `count` versions are in
  // (or more, as whole seconds go), but not the latest second. What is new
  // there is lost then; nothing is delivered twice. False: there is no more to
  // give up.
  bool Shrink(size_t count);

  // Gives up all of it: what comes is new only if it is later than all so far.
  void GiveUpAll();

  void Save(state::DeliveryWindow& to, uint32_t fingerprint_bytes = 4) const;
  // False: it is no window.
  bool Load(const state::DeliveryWindow& from);

 private:
  std::optional<int64_t> BeginSecond() const;

  absl::Duration overlap_;
  std::optional<int64_t> furthest_;
  std::optional<int64_t> floor_;
  // Fewer where fingerprints have lost some on their way in a token.
  uint32_t fingerprint_bytes_ = 4;
  absl::btree_set<std::pair<int64_t, uint32_t>> delivered_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_MENTION_DELIVERY_WINDOW_H_
