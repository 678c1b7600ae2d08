#include "lib/base/secret.h"

#include <array>

#include "absl/hash/hash.h"
#include "absl/random/random.h"

namespace mentiond {

TokenHash Secret::Fingerprint() const {
  static const std::array<uint64_t, 2> salts = [] {
    absl::BitGen random;
    return std::array{absl::Uniform<uint64_t>(random),
                      absl::Uniform<uint64_t>(random)};
  }();
  return {.high = absl::HashOf(salts[0], value_),
          .low = absl::HashOf(salts[1], value_)};
}

}  // namespace mentiond
