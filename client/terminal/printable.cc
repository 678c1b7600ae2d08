#include "client/printable.h"

#include "client/display_width.h"
#include "lib/base/utf8.h"

namespace mentiond {
namespace {

// Combining marks per base character; real scripts use up to about four.
constexpr int kMaxMarks = 8;

bool Between(char32_t value, char32_t first, char32_t last) {
  return value >= first && value <= last;
}

bool IsSpace(char32_t value) {
  return value == ' ' || Between(value, '\t', '\r') || value == 0x85 ||
         value == 0xA0 || value == 0x1680 || Between(value, 0x2000, 0x200A) ||
         value == 0x2028 || value == 0x2029 || value == 0x202F ||
         value == 0x205F || value == 0x3000;
}

bool IsInvisible(char32_t value) {
  return value == 0xAD || value == 0x61C || value == 0x180E ||
         value == 0x200B || value == 0x200E || value == 0x200F ||
         Between(value, 0x2060, 0x2065) || Between(value, 0x206A, 0x206F) ||
         value == 0xFEFF || Between(value, 0xFFF9, 0xFFFB) ||
         Between(value, 0xE0000, 0xE0FFF);
}

// The code point that is shown instead of `value`.
char32_t Visible(char32_t value) {
  if (value < 0x20) return 0x2400 + value;
  if (value == 0x7F) return 0x2421;
  const bool reorders =
      Between(value, 0x202A, 0x202E) || Between(value, 0x2066, 0x2069);
  const bool noncharacter =
      (value & 0xFFFE) == 0xFFFE || Between(value, 0xFDD0, 0xFDEF);
  if (Between(value, 0x80, 0x9F) || reorders || noncharacter) {
    return kReplacementCharacter;
  }
  return value;
}

}  // namespace

std::string Printable(std::string_view untrusted) {
  std::string safe;
  safe.reserve(untrusted.size());
  bool after_space = false;
  int marks = 0;
  while (!untrusted.empty()) {
    const CodePoint next = DecodeUtf8(untrusted);
    untrusted.remove_prefix(next.length);
    if (IsInvisible(next.value)) continue;
    if (IsSpace(next.value)) {
      if (!after_space) safe.push_back(' ');
      after_space = true;
      marks = 0;
      continue;
    }
    after_space = false;
    const char32_t visible = Visible(next.value);
    marks = DisplayWidth(visible) == 0 ? marks + 1 : 0;
    if (marks <= kMaxMarks) AppendUtf8(visible, safe);
  }
  return safe;
}

}  // namespace mentiond
