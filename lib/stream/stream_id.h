// Names an open stream: random, so that nobody can guess another stream's.

#ifndef MENTIOND_LIB_STREAM_STREAM_ID_H_
#define MENTIOND_LIB_STREAM_STREAM_ID_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace mentiond {

// 128 bits. The default is no stream's.
struct StreamId {
  uint64_t high = 0;
  uint64_t low = 0;

  // Any thread.
  static StreamId Random();

  // 32 hexadecimal digits.
  std::string ToString() const;
  // nullopt if `text` is not that.
  static std::optional<StreamId> Parse(std::string_view text);

  friend auto operator<=>(const StreamId&, const StreamId&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const StreamId& id) {
    return H::combine(std::move(state), id.high, id.low);
  }
  friend std::ostream& operator<<(std::ostream& out, const StreamId& id) {
    return out << id.ToString();
  }
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_STREAM_ID_H_
