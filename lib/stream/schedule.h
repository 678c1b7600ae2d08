// When a subscription polls. All that send the same requests, that is those of
// one token on one repository, do so at the same instants, so that their
// requests coincide and cost one; others are spread evenly over the interval.
// A token that polls more repositories than GitHub allows polls each less
// often.

#ifndef MENTIOND_LIB_STREAM_SCHEDULE_H_
#define MENTIOND_LIB_STREAM_SCHEDULE_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

#include "lib/base/repo_name.h"
#include "lib/base/secret.h"

namespace mentiond {

// Rounded up to the steps that polls are due in, so that one wake-up serves
// many; absl::InfiniteFuture() stays.
absl::Time InStep(absl::Time time);

// Where in the intervals the polls of `token` on `repo` are: any number, the
// same for the same names in any case, in every process: replicas behind a
// cache send the same requests at the same time. Takes a SHA-256.
uint64_t PhaseOf(const Secret& token, const RepoName& repo);

// How often one token can poll each of `repositories`: `interval`, or longer,
// in steps of a quarter of it, where the polls would need more than two thirds
// of the `per_minute` requests that GitHub allows (0: any number). The last
// third is for histories, for what polls find, and for other programs.
absl::Duration SustainableInterval(absl::Duration interval, int full_every,
                                   size_t repositories, int per_minute);

// Pure.
class Schedule {
 public:
  // `full_read_interval` is positive; infinite: full reads never become due.
  // Each `full_every`-th poll (at least 1) is a full one.
  Schedule(int full_every, absl::Duration full_read_interval, uint64_t phase);

  // With polls at this (positive) interval, the next one: later than `now`, by
  // no more than the interval.
  absl::Time After(absl::Time now, absl::Duration interval) const;

  // Whether the poll that is due at or was due before `now` is a full one.
  bool IsFull(absl::Time now, absl::Duration interval) const;

  // Counts the full reads that have become due until `time`: one is due when
  // the number has grown since the last one began.
  int64_t FullReadNumber(absl::Time time) const;

 private:
  // Of tick 0.
  absl::Time StartOf(absl::Duration interval) const;
  int64_t TickAt(absl::Time now, absl::Duration interval) const;

  double fraction_;  // of an interval, by which the polls are shifted
  int full_every_;
  int64_t full_offset_;  // full polls are spread, too
  absl::Duration full_read_interval_;
  absl::Time full_read_start_;  // and so are full reads
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_SCHEDULE_H_
