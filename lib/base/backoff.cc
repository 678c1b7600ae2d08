#include "lib/base/backoff.h"

#include <algorithm>

#include "absl/random/random.h"

namespace mentiond {

double RealUniformRandom() {
  thread_local absl::InsecureBitGen generator;
  return absl::Uniform(generator, 0.0, 1.0);
}

absl::Duration NextWait(const BackoffPolicy& policy,
                        const UniformRandom& random, absl::Duration& ceiling) {
  // Never zero, which would make a busy loop: 1 - [0, 1) is (0, 1], but the
  // smallest of these are less than a Duration can represent.
  const absl::Duration wait =
      std::max(ceiling * (1.0 - random()), absl::Nanoseconds(1));
  ceiling = std::min(ceiling * 2, policy.cap);
  return wait;
}

}  // namespace mentiond
