// How far a subscription has been read and delivered: the contents of a resume
// token, as values that can only be valid.

#ifndef MENTIOND_LIB_SUBSCRIPTION_PROGRESS_H_
#define MENTIOND_LIB_SUBSCRIPTION_PROGRESS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/btree_set.h"
#include "absl/time/time.h"

#include "lib/github/types.h"
#include "lib/subscription/delivered_set.h"
#include "lib/subscription/resume_state.pb.h"
#include "lib/subscription/sources.h"

namespace mentiond {

using mentions::v1::History;

// An item becomes visible at most this long after its time of change: GitHub's
// listings are read from replicas.
inline constexpr absl::Duration kOverlap = absl::Minutes(2);
// GitHub's clock and ours differ by less.
inline constexpr absl::Duration kClockSkew = absl::Minutes(10);

// About two bytes each in a resume token, which needs room for more.
inline constexpr size_t kMaxPending = 700;

// A pull request, or an issue.
struct PullKey {
  int64_t number = 0;
  bool is_issue = false;

  friend auto operator<=>(const PullKey&, const PullKey&) = default;
};

// Pure.
class Progress {
 public:
  // The start of a subscription to what was not changed before `since`.
  Progress(std::optional<absl::Time> since, History history);

  // nullopt: not a state that Save() writes.
  static std::optional<Progress> Load(const state::ResumeState& from);

  // Saves everything but the subscription's hash, in about `max_bytes` at most.
  // Where that is not enough, the oldest delivered versions are forgotten (see
  // DeliveredSet::ForgetOlderHalf): mentions that become visible late can be
  // lost then if a stream resumes from here; none is repeated.
  void Save(size_t max_bytes, state::ResumeState& to) const;

  // Where the next reading of a listing begins (inclusive): an overlap before
  // its high-water mark; nullopt: at its beginning.
  std::optional<absl::Time> ReadFrom(Listing listing) const;

  DeliveredSet& delivered(Source source) {
    return delivered_sets[static_cast<size_t>(FeedOf(source))];
  }
  const DeliveredSet& delivered(Source source) const {
    return delivered_sets[static_cast<size_t>(FeedOf(source))];
  }
  std::optional<absl::Time>& high_water_mark(Listing listing) {
    return high_water_marks[static_cast<size_t>(listing)];
  }

  std::optional<absl::Time> since;
  History history;
  // The history has been delivered, and Synced.
  bool synced = false;
  // Descriptions are read by REST, and reviews not at all.
  bool without_graphql = false;

  // Everything that each listing showed as updated until then has been dealt
  // with; nullopt: the listing has not been read. By Listing.
  std::array<std::optional<absl::Time>, kListings> high_water_marks;
  // By Feed.
  std::array<DeliveredSet, kFeeds> delivered_sets;

  // Pull requests and issues, at most kMaxPending, to read again before
  // anything else: they hold mentions that have not been delivered, or could
  // not be read.
  absl::btree_set<PullKey> pending;

  // A reading of all pull requests and issues that is in progress: the history,
  // or a later one, for edits that the listings do not show.
  struct FullRead {
    absl::Time began;  // whole seconds
    // What the issues listing showed as updated until then has been read.
    std::optional<absl::Time> high_water_mark;
  };
  std::optional<FullRead> full_read;
  // When the last one that was completed began; nullopt: none was.
  std::optional<absl::Time> last_full_read;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_SUBSCRIPTION_PROGRESS_H_
