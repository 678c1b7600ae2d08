// How far a subscription has come: the state in a resume token, as values that
// can only be valid.

#ifndef MENTIOND_LIB_STREAM_RESUME_POINT_H_
#define MENTIOND_LIB_STREAM_RESUME_POINT_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"

#include "lib/mention/cursor.h"
#include "lib/mention/resume_state.pb.h"
#include "lib/stream/pull_scan.h"

namespace mentiond {

// An item can become visible this long after its `updated_at`: GitHub's
// listings are read from replicas.
inline constexpr absl::Duration kOverlap = absl::Minutes(2);

struct ResumePoint {
  // The beginning of a subscription to what is not older than `oldest`.
  explicit ResumePoint(std::optional<absl::Time> oldest = std::nullopt)
      : since(oldest), cursor(oldest, kOverlap) {}

  // nullopt: that is no state that Save() could have given.
  static std::optional<ResumePoint> Load(const state::ResumeState& from);

  // In about `max_bytes` at most; see Cursor::Save. Does not touch the
  // subscription's hash.
  void Save(size_t max_bytes, state::ResumeState& to) const;

  // Differs when Save() may give something else than before.
  uint64_t revision() const;

  std::optional<absl::Time> since;
  // The history has been delivered, and Synced.
  bool synced = false;
  Cursor cursor;
  // Of a history that is under way; nullopt: there is none, or not yet.
  std::optional<PullScan> scan;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_RESUME_POINT_H_
