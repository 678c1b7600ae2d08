#include "client/display_width.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>

#include "lib/base/utf8.h"

namespace mentiond {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr char32_t kJoiner = 0x200D;
constexpr char32_t kEmojiPresentation = 0xFE0F;

// Makes the calling thread use a UTF-8 locale while it is in scope.
class Utf8Tables {
 public:
  Utf8Tables() {
    // Built into glibc since 2.35. Never freed, because other threads may still
    // measure text while the program exits.
    static const locale_t utf8 =
        newlocale(LC_CTYPE_MASK, "C.UTF-8", static_cast<locale_t>(nullptr));
    if (utf8 != nullptr) before_ = uselocale(utf8);
  }
  Utf8Tables(const Utf8Tables&) = delete;
  Utf8Tables& operator=(const Utf8Tables&) = delete;
  ~Utf8Tables() {
    if (before_ != nullptr) uselocale(before_);
  }

 private:
  locale_t before_ = nullptr;
};

// Requires Utf8Tables in scope.
int WidthOf(char32_t code_point) {
  if (code_point < 0x7F) return code_point < 0x20 ? 0 : 1;
  const int width = wcwidth(static_cast<wchar_t>(code_point));
  // Not in the tables, like emoji that are newer than the C library: assumed to
  // be wide.
  if (width < 0) return code_point < 0x2000 ? 1 : 2;
  // Turns the preceding symbol into an emoji, which is wide.
  if (code_point == kEmojiPresentation) return 1;
  return width;
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

int DisplayWidth(char32_t code_point) {
  const Utf8Tables tables;
  return WidthOf(code_point);
}

int DisplayWidth(std::string_view printable) {
  const Utf8Tables tables;
  int width = 0;
  while (!printable.empty()) {
    const CodePoint next = DecodeUtf8(printable);
    printable.remove_prefix(next.length);
    width += WidthOf(next.value);
  }
  return width;
}

std::string CutEnd(std::string_view printable, int width) {
  if (width < 1) return "";
  if (DisplayWidth(printable) <= width) return std::string(printable);
  const Utf8Tables tables;
  size_t end = 0;
  size_t before_joiner = 0;
  bool joined = false;
  for (int used = 0; end < printable.size();) {
    const CodePoint next = DecodeUtf8(printable.substr(end));
    used += WidthOf(next.value);
    if (used > width - 1) break;
    joined = next.value == kJoiner;
    if (joined) before_joiner = end;
    end += next.length;
  }
  if (joined) end = before_joiner;
  end = WordEndBefore(printable, end, Reach(width));
  while (end > 0 && printable[end - 1] == ' ') --end;
  return std::string(printable.substr(0, end)).append(kEllipsis);
}

std::string CutStart(std::string_view printable, int width) {
  if (width < 1) return "";
  int surplus = DisplayWidth(printable) - width;
  if (surplus <= 0) return std::string(printable);
  ++surplus;  // for the ellipsis
  const Utf8Tables tables;
  size_t start = 0;
  while (start < printable.size()) {
    const CodePoint next = DecodeUtf8(printable.substr(start));
    // Combining marks are removed together with their base character.
    const int columns = WidthOf(next.value);
    if (surplus <= 0 && columns > 0) break;
    surplus -= columns;
    start += next.length;
  }
  start = WordStartAfter(printable, start, Reach(width));
  while (start < printable.size() && printable[start] == ' ') ++start;
  return std::string(kEllipsis).append(printable.substr(start));
}

}  // namespace mentiond
