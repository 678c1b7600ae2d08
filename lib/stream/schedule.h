// When a subscription polls. All that send the same requests, that is those of
// one token on one repository, do so at the same instants, so that their
// requests coincide and cost one; others are spread evenly over the interval.

#ifndef MENTIOND_LIB_STREAM_SCHEDULE_H_
#define MENTIOND_LIB_STREAM_SCHEDULE_H_

#include <cstdint>

#include "absl/time/time.h"

#include "lib/base/repo_name.h"
#include "lib/base/secret.h"

namespace mentiond {

// Where in the intervals the polls of `token` on `repo` are: any number, the
// same in one process for the same names in any case.
uint64_t PhaseOf(const TokenHash& token, const RepoName& repo);

// Pure.
class Schedule {
 public:
  // The durations are positive; of the two, only `full_read_interval` may be
  // infinite: then full reads never become due. Each `full_every`-th poll (at
  // least 1) is a full one.
  Schedule(absl::Duration interval, int full_every,
           absl::Duration full_read_interval, uint64_t phase);

  // The next poll: later than `now`, by no more than the interval.
  absl::Time After(absl::Time now) const;

  // Whether the poll that is due at or was due before `now` is a full one.
  bool IsFull(absl::Time now) const;

  // Counts the full reads that have become due until `time`: one is due when
  // the number has grown since the last one began.
  int64_t FullReadNumber(absl::Time time) const;

 private:
  int64_t TickAt(absl::Time now) const;

  absl::Duration interval_;
  int full_every_;
  absl::Time start_;     // of tick 0
  int64_t full_offset_;  // full polls are spread, too
  absl::Duration full_read_interval_;
  absl::Time full_read_start_;  // and so are full reads
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_SCHEDULE_H_
