// What the fuzz targets require of strings that are sent or logged.

#ifndef MENTIOND_TESTS_FUZZ_TEXT_CHECKS_H_
#define MENTIOND_TESTS_FUZZ_TEXT_CHECKS_H_

#include <algorithm>
#include <string_view>

namespace mentiond {

// Only visible ASCII: fit for a header or a URL.
inline bool IsVisible(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~'; });
}

// Visible ASCII and spaces: fit for a log and a status message.
inline bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace mentiond

#endif  // MENTIOND_TESTS_FUZZ_TEXT_CHECKS_H_
