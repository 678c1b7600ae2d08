#include "lib/stream/stream_id.h"

#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

#include "lib/base/strings.h"

namespace mentiond {

StreamId StreamId::Random() {
  thread_local absl::BitGen random;
  return {.high = absl::Uniform<uint64_t>(random),
          .low = absl::Uniform<uint64_t>(random)};
}

std::string StreamId::ToString() const {
  return absl::StrFormat("%016x%016x", high, low);
}

std::optional<StreamId> StreamId::Parse(std::string_view text) {
  constexpr size_t kDigits = 16;
  StreamId id;
  if (text.size() != 2 * kDigits ||
      !absl::SimpleHexAtoi(ToAbsl(text.substr(0, kDigits)), &id.high) ||
      !absl::SimpleHexAtoi(ToAbsl(text.substr(kDigits)), &id.low)) {
    return std::nullopt;
  }
  return id;
}

}  // namespace mentiond
