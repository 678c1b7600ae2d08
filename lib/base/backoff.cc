#include "lib/base/backoff.h"

#include <algorithm>

#include "absl/random/random.h"

namespace mentiond {

double RealUniformRandom() {
  thread_local absl::InsecureBitGen generator;
  return absl::Uniform(generator, 0.0, 1.0);
}

absl::Duration Backoff::Next() {
  // Never zero, which would make a busy loop: 1 - [0, 1) is (0, 1], but the
  // smallest of these are less than a Duration can represent.
  const absl::Duration wait =
      std::max(ceiling_ * (1.0 - random_()), absl::Nanoseconds(1));
  ceiling_ = std::min(ceiling_ * 2, policy_.cap);
  return wait;
}

}  // namespace mentiond
