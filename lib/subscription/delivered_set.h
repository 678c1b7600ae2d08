// Which versions of the bodies of one feed have been delivered. Everything
// changed before a floor has been dealt with; later versions are remembered by
// a fingerprint each. Small enough to travel in a resume token.

#ifndef MENTIOND_LIB_SUBSCRIPTION_DELIVERED_SET_H_
#define MENTIOND_LIB_SUBSCRIPTION_DELIVERED_SET_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/time/time.h"

#include "lib/github/types.h"
#include "lib/subscription/resume_state.pb.h"

namespace mentiond {

// Pure: no clock, no I/O. Times count in whole seconds, as GitHub's do.
class DeliveredSet {
 public:
  // The version of `item` has not been delivered and is not below the floor.
  bool IsNew(const Item& item) const;

  void Insert(const Item& item);

  // Everything changed before `time` has been dealt with. Never lowers it.
  void RaiseFloor(absl::Time time);
  std::optional<absl::Time> floor() const;

  // How many versions it remembers.
  size_t size() const { return versions_.size(); }

  // Forgets about the older half of the versions, at least those of one second,
  // by raising the floor: versions below it that were not delivered never will
  // be, but none is delivered twice. Does nothing when it is empty.
  void ForgetOlderHalf();

  void Save(state::DeliveredSet& to) const;
  // nullopt: not a state that Save() writes.
  static std::optional<DeliveredSet> Load(const state::DeliveredSet& from);

 private:
  using Version = std::pair<int64_t, uint32_t>;  // second, fingerprint

  static Version VersionOf(const Item& item);

  static constexpr int64_t kNoFloor = std::numeric_limits<int64_t>::min();

  int64_t floor_ = kNoFloor;  // a second
  absl::btree_set<Version> versions_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_SUBSCRIPTION_DELIVERED_SET_H_
