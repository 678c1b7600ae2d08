// Converts between std::string_view, which our interfaces use, and Abseil's own
// string_view, which Debian's Abseil is built with.

#ifndef MENTIOND_LIB_BASE_STRINGS_H_
#define MENTIOND_LIB_BASE_STRINGS_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace mentiond {

inline absl::string_view ToAbsl(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

inline std::string_view ToStd(absl::string_view text) {
  return std::string_view(text.data(), text.size());
}

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_STRINGS_H_
