#include "lib/stream/stream_id.h"

#include "absl/random/random.h"
#include "absl/strings/str_format.h"

namespace mentiond {

StreamId StreamId::Random() {
  thread_local absl::BitGen random;
  return {.high = absl::Uniform<uint64_t>(random),
          .low = absl::Uniform<uint64_t>(random)};
}

std::string StreamId::ToString() const {
  return absl::StrFormat("%016x%016x", high, low);
}

}  // namespace mentiond
