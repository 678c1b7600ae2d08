#include "client/terminal/display_width.h"

#include <unigbrk.h>
#include <uniwidth.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace mentiond::terminal {
namespace {

constexpr std::string_view kEllipsis = "…";
// U+200D, which joins emoji; libunistring takes it for the end of a character.
constexpr std::string_view kJoiner = "\u200D";

const uint8_t* Begin(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

int WidthOf(const uint8_t* begin, const uint8_t* end) {
  return u8_width(begin, static_cast<size_t>(end - begin), "UTF-8");
}

// The position closest to `at` at which no word is broken, if there is a space
// within `reach` bytes; otherwise `at`.
size_t WordEndBefore(std::string_view text, size_t at, size_t reach) {
  if (at >= text.size() || text[at] == ' ') return at;
  const size_t space = text.substr(0, at).rfind(' ');
  if (space == std::string_view::npos || space == 0) return at;
  return at - space <= reach ? space : at;
}

size_t WordStartAfter(std::string_view text, size_t at, size_t reach) {
  if (at == 0 || text[at - 1] == ' ') return at;
  const size_t space = text.find(' ', at);
  if (space == std::string_view::npos || space + 1 >= text.size()) return at;
  return space - at <= reach ? space + 1 : at;
}

size_t Reach(int width) { return static_cast<size_t>(std::min(width / 3, 16)); }

}  // namespace

int DisplayWidth(std::string_view printable) {
  return WidthOf(Begin(printable), Begin(printable) + printable.size());
}

std::string CutEnd(std::string_view printable, int width) {
  if (width < 1) return "";
  if (DisplayWidth(printable) <= width) return std::string(printable);
  const uint8_t* const begin = Begin(printable);
  const uint8_t* const limit = begin + printable.size();
  const uint8_t* end = begin;
  int left = width - 1;  // one is for the ellipsis
  while (const uint8_t* next = u8_grapheme_next(end, limit)) {
    left -= WidthOf(end, next);
    if (left < 0) break;
    end = next;
  }
  size_t size =
      WordEndBefore(printable, static_cast<size_t>(end - begin), Reach(width));
  while (size > 0 && printable[size - 1] == ' ') --size;
  std::string_view kept = printable.substr(0, size);
  if (kept.ends_with(kJoiner)) kept.remove_suffix(kJoiner.size());
  return std::string(kept).append(kEllipsis);
}

std::string CutStart(std::string_view printable, int width) {
  if (width < 1) return "";
  if (DisplayWidth(printable) <= width) return std::string(printable);
  const uint8_t* const begin = Begin(printable);
  const uint8_t* start = begin + printable.size();
  int left = width - 1;
  while (const uint8_t* previous = u8_grapheme_prev(start, begin)) {
    left -= WidthOf(previous, start);
    if (left < 0) break;
    start = previous;
  }
  size_t at = WordStartAfter(printable, static_cast<size_t>(start - begin),
                             Reach(width));
  while (at < printable.size() && printable[at] == ' ') ++at;
  return std::string(kEllipsis).append(printable.substr(at));
}

}  // namespace mentiond::terminal
