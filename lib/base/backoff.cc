#include "lib/base/backoff.h"

#include <algorithm>

#include "absl/random/random.h"

namespace mentiond {

double RealUniformRandom() {
  thread_local absl::InsecureBitGen generator;
  return absl::Uniform(generator, 0.0, 1.0);
}

absl::Duration Backoff::Next() {
  // 1 - [0, 1) is (0, 1]: never a wait of nothing, which would be a busy loop.
  const absl::Duration wait = ceiling_ * (1.0 - random_());
  ceiling_ = std::min(ceiling_ * 2, policy_.cap);
  return wait;
}

}  // namespace mentiond
