// Why and when a failed attempt is to be retried: a payload of its Status.

#ifndef MENTIOND_LIB_GITHUB_DELAY_H_
#define MENTIOND_LIB_GITHUB_DELAY_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

struct Delay {
  mentions::v1::Delayed::Reason reason;
  absl::Time retry_at;
};

// `status`, an error, with `delay` attached, its time rounded up to whole
// milliseconds.
absl::Status WithDelay(absl::Status status, const Delay& delay);

// The Delay attached to `status`; nullopt: none.
std::optional<Delay> DelayOf(const absl::Status& status);

// Whether it failed for a rate limit, which other requests would meet too.
bool IsLimit(const absl::Status& status);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_DELAY_H_
