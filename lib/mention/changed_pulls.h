// The pull requests whose reviews have to be read because they moved. Pure.
//
// One reading after a pull request has moved is not enough: its time has whole
// seconds, so a second review within the same second does not move it again,
// and a review can become visible later than the time it moved. A pull request
// that moved just now is therefore read again in each round until a reading
// began long enough after its move was seen.

#ifndef MENTIOND_LIB_MENTION_CHANGED_PULLS_H_
#define MENTIOND_LIB_MENTION_CHANGED_PULLS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace mentiond {

class ChangedPulls {
 public:
  // A review is visible `lag` after its pull request moved at the latest.
  explicit ChangedPulls(absl::Duration lag) : lag_(lag) {}

  // The issues listing shows the pull request as last updated then; `now` is
  // the local time. Being shown the same again, as in overlapping readings,
  // changes nothing.
  void Note(int64_t number, absl::Time updated_at, absl::Time now);

  // A new round of readings: what moved lately is due once more.
  void BeginRound();

  struct Due {
    int64_t number;
    absl::Time updated_at;  // what the listing has shown
    // An answer to a request sent at or after this time, however long ago, has
    // all reviews up to what the listing has shown.
    absl::Time complete_since;
  };
  // The pull request to read next in this round; nullopt: none is left.
  std::optional<Due> Next() const;

  // Its reviews were read, beginning at `began`.
  void MarkRead(int64_t number, absl::Time began);

  // Its reviews could not be read: it is left for the next round.
  void Postpone(int64_t number) { due_.erase(number); }

  // No listing will be read from before `time` any more.
  void ForgetBefore(absl::Time time);

  // How many are left in this round.
  size_t due() const { return due_.size(); }

 private:
  struct Pull {
    absl::Time updated_at;
    // A reading that began then or later is the last.
    absl::Time settles_at;
    bool settled = false;
  };

  absl::Duration lag_;
  absl::flat_hash_map<int64_t, Pull> pulls_;
  absl::btree_set<int64_t> due_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_MENTION_CHANGED_PULLS_H_
