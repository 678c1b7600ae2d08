// How far a history has come that is read pull request by pull request, by
// ascending number. What is found is delivered in order of time when all have
// been read; until then it is enough to remember where something was found,
// and to read that again when a stream goes on elsewhere.

#ifndef MENTIOND_LIB_STREAM_PULL_SCAN_H_
#define MENTIOND_LIB_STREAM_PULL_SCAN_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/btree_set.h"
#include "absl/time/time.h"

#include "lib/github/types.h"
#include "lib/mention/resume_state.pb.h"

namespace mentiond {

// Pure.
class PullScan {
 public:
  PullScan() = default;
  PullScan(absl::Time began, bool indexed) : began_(began), indexed_(indexed) {}

  // nullopt: that is none.
  static std::optional<PullScan> Load(const state::HistoryScan& from);
  void Save(state::HistoryScan& to) const;

  absl::Time began() const { return began_; }
  bool indexed() const { return indexed_; }
  // The list that is being read of each pull request; kSearch: none yet.
  Listing listing() const { return listing_; }

  // A list of each pull request comes next, from the first one on.
  void BeginListing(Listing listing);
  // The scan is of pull requests as they are when the issues listing has been
  // read up to `time`. The first call counts: one that moves later is no longer
  // what was scanned.
  void SetUntil(std::optional<absl::Time> time);

  // The pull request's list has been read; `found`: it has to be read again
  // after a break, as something is in it that is to be delivered, or may be.
  void MarkRead(int64_t number, bool found);
  // Whether it has been read, and nothing was found in it.
  bool Skips(int64_t number) const {
    return number <= after_ && !found_.contains(number);
  }
  // The same for one that the issues listing shows as last updated then.
  bool Skips(int64_t number, absl::Time updated_at) const {
    return until_ && updated_at <= *until_ && Skips(number);
  }

  // Differs when Save() may give something else than before.
  uint64_t revision() const { return revision_; }

 private:
  absl::Time began_ = absl::UnixEpoch();  // whole seconds
  bool indexed_ = false;
  Listing listing_ = Listing::kSearch;  // no list of theirs has been begun
  int64_t after_ = 0;
  std::optional<absl::Time> until_;  // whole seconds
  absl::btree_set<int64_t> found_;
  uint64_t revision_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_PULL_SCAN_H_
