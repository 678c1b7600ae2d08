#include "client/terminal/text_style.h"

#include <algorithm>

namespace mentiond::terminal {

std::string Styled(const TextStyle& style, const fmt::text_style& look,
                   std::string_view text) {
  if (!style.colors || text.empty()) return std::string(text);
  return fmt::format(look, "{}", text);
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

}  // namespace mentiond::terminal
