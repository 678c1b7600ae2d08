#include "client/text_style.h"

#include <algorithm>

namespace mentiond {

std::string Styled(const TextStyle& style, std::string_view sgr,
                   std::string_view text) {
  if (!style.colors || text.empty()) return std::string(text);
  return std::string("\x1b[").append(sgr).append("m").append(text).append(
      "\x1b[0m");
}

std::string Linked(const TextStyle& style, std::string_view url) {
  const bool web =
      url.substr(0, 8) == "https://" || url.substr(0, 7) == "http://";
  const bool plain = std::all_of(url.begin(), url.end(),
                                 [](char c) { return c > ' ' && c < '\x7f'; });
  if (!style.hyperlinks || !web || !plain) return std::string(url);
  return std::string("\x1b]8;;")
      .append(url)
      .append("\x1b\\")
      .append(url)
      .append("\x1b]8;;\x1b\\");
}

}  // namespace mentiond
