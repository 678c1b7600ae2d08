// Why an attempt has to be made again later, and when: an attachment to the
// Status of the attempt that failed.

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

// What is attached to `status`; nullopt: nothing.
std::optional<Delay> DelayOf(const absl::Status& status);

// Whether it failed for a limit, which other requests would meet, too.
bool IsLimit(const absl::Status& status);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_DELAY_H_
