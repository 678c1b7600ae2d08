#include "client/terminal/printable.h"

#include <unictype.h>
#include <unistr.h>
#include <uniwidth.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace mentiond::terminal {
namespace {

constexpr ucs4_t kReplacementCharacter = 0xFFFD;

// Combining marks per base character; real scripts use up to about four.
constexpr int kMaxMarks = 8;

bool IsInvisible(ucs4_t value) {
  if (uc_is_property_join_control(value) ||
      uc_is_property_variation_selector(value)) {
    return false;
  }
  return uc_is_property_default_ignorable_code_point(value) ||
         uc_is_general_category(value, UC_FORMAT);
}

// The code point that is shown instead of `value`.
ucs4_t Visible(ucs4_t value) {
  if (value < 0x20) return 0x2400 + value;
  if (value == 0x7F) return 0x2421;
  const bool shown = !uc_is_general_category(value, UC_CONTROL) &&
                     !uc_is_property_not_a_character(value);
  return shown ? value : kReplacementCharacter;
}

void Append(ucs4_t value, std::string& to) {
  std::array<uint8_t, 6> bytes;
  const int size = u8_uctomb(bytes.data(), value, bytes.size());
  to.append(bytes.begin(), bytes.begin() + size);
}

}  // namespace

std::string Printable(std::string_view untrusted) {
  std::string safe;
  safe.reserve(untrusted.size());
  bool after_space = false;
  int marks = 0;
  while (!untrusted.empty()) {
    ucs4_t value = 0;
    // U+FFFD for bytes that are not valid UTF-8.
    const int size =
        u8_mbtouc(&value, reinterpret_cast<const uint8_t*>(untrusted.data()),
                  untrusted.size());
    untrusted.remove_prefix(static_cast<size_t>(size));
    if (IsInvisible(value)) continue;
    if (uc_is_property_white_space(value)) {
      if (!after_space) safe.push_back(' ');
      after_space = true;
      marks = 0;
      continue;
    }
    after_space = false;
    const ucs4_t visible = Visible(value);
    marks = uc_width(visible, "UTF-8") == 0 ? marks + 1 : 0;
    if (marks <= kMaxMarks) Append(visible, safe);
  }
  return safe;
}

}  // namespace mentiond::terminal
