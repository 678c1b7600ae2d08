// When a subscription polls. All that ask GitHub the same, that is those of one
// token on one repository, do so at the same instants, so that their requests
// coincide and cost one; others are spread evenly over the interval.

#ifndef MENTIOND_LIB_STREAM_SCHEDULE_H_
#define MENTIOND_LIB_STREAM_SCHEDULE_H_

#include <cstdint>

#include "absl/time/time.h"

#include "lib/base/repo_name.h"
#include "lib/base/secret.h"

namespace mentiond {

// Pure.
class Schedule {
 public:
  // `interval` is positive. Each `full_every`-th poll (at least 1) is a full
  // one.
  Schedule(absl::Duration interval, int full_every, const TokenHash& token,
           const RepoName& repo);

  // The next poll: later than `now`, by no more than the interval.
  absl::Time After(absl::Time now) const;

  // Whether the poll that is due at or was due before `now` is a full one.
  bool IsFull(absl::Time now) const;

 private:
  int64_t TickAt(absl::Time now) const;

  absl::Duration interval_;
  int full_every_;
  absl::Time start_;     // of tick 0
  int64_t full_offset_;  // full polls are spread, too
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_SCHEDULE_H_
