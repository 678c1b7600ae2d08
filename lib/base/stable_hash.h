// A hash that is the same in every process and version, for values that are
// stored or sent (Abseil's differs from run to run).

#ifndef MENTIOND_LIB_BASE_STABLE_HASH_H_
#define MENTIOND_LIB_BASE_STABLE_HASH_H_

#include <cstdint>
#include <string_view>

namespace mentiond {

// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), then a mixing step so
// that any of its bits can be taken. Not cryptographic.
constexpr uint64_t StableHash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  hash ^= hash >> 33;
  return hash;
}

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_STABLE_HASH_H_
