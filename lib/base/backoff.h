// How long to wait before the next attempt: exponential, capped, with full
// jitter, so that many clients that failed together do not retry together.

#ifndef MENTIOND_LIB_BASE_BACKOFF_H_
#define MENTIOND_LIB_BASE_BACKOFF_H_

#include <functional>

#include "absl/time/time.h"

namespace mentiond {

// A source of numbers evenly spread over [0, 1).
using UniformRandom = std::function<double()>;

// Draws from Abseil's generator; any thread.
double RealUniformRandom();

struct BackoffPolicy {
  absl::Duration initial = absl::Seconds(1);
  absl::Duration cap = absl::Minutes(1);
};

// The wait before the next attempt: evenly spread over (0, ceiling], which then
// doubles up to the policy's cap. It begins with the policy's initial duration.
absl::Duration NextWait(const BackoffPolicy& policy,
                        const UniformRandom& random, absl::Duration& ceiling);

// One sequence of failures. Not thread-safe.
class Backoff {
 public:
  Backoff(BackoffPolicy policy, UniformRandom random)
      : policy_(policy), random_(std::move(random)), ceiling_(policy.initial) {}

  // The wait before the next attempt: evenly spread over (0, c], where c is
  // the policy's initial duration and doubles with every call up to its cap.
  absl::Duration Next() { return NextWait(policy_, random_, ceiling_); }

  // An attempt succeeded: starts over.
  void Reset() { ceiling_ = policy_.initial; }

 private:
  BackoffPolicy policy_;
  UniformRandom random_;
  absl::Duration ceiling_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_BACKOFF_H_
