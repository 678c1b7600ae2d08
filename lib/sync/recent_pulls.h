// Which pull requests and issues a poll has to read, by what the issues listing
// shows as updated. Pure.
//
// One reading after an update is not enough: its time has whole seconds, so a
// second review within the same second does not change it, and a review can
// become visible later than the update that it caused. What was updated just
// now is therefore read again in each poll until a reading began long enough
// after the update was first seen.

#ifndef MENTIOND_LIB_SYNC_RECENT_PULLS_H_
#define MENTIOND_LIB_SYNC_RECENT_PULLS_H_

#include <cstdint>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"

#include "lib/subscription/progress.h"

namespace mentiond {

// A response requested at or after this time, however long ago, shows
// everything that the update at `updated_at` announced.
inline absl::Time CompleteSince(absl::Time updated_at) {
  return updated_at + kOverlap + kClockSkew;
}

class RecentPulls {
 public:
  // The listing shows `key` as last updated then; `now` is the local time.
  // Noting the same again, as overlapping readings do, changes nothing.
  // `to_be_read`: otherwise only the update itself is of interest.
  void Note(PullKey key, absl::Time updated_at, absl::Time now,
            bool to_be_read);

  // How many different updates have been noted.
  uint64_t updates() const { return updates_; }

  struct Due {
    PullKey key;
    absl::Time complete_since;
  };
  // What to read in this poll, in ascending order.
  std::vector<Due> due() const;

  // It was read by a request sent at or after `began`.
  void MarkRead(PullKey key, absl::Time began);

  // The listing will not be read from before `time` any more.
  void ForgetBefore(absl::Time time);

 private:
  struct Update {
    absl::Time updated_at;
    // A reading that began then or later is the last.
    absl::Time settles_at;
    bool settled = false;
  };

  uint64_t updates_ = 0;
  absl::btree_map<PullKey, Update> recent_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_SYNC_RECENT_PULLS_H_
