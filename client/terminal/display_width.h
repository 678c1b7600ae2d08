// Measures text in terminal columns, and truncates it to fit.
//
// The width of a code point is that of the C library's wcwidth() in a UTF-8
// locale, whatever the user's locale is. Sequences that a terminal may draw as
// one glyph (emoji joined by U+200D) are counted as the sum of their parts:
// truncated text may be shorter than necessary, but never wraps.

#ifndef MENTIOND_CLIENT_DISPLAY_WIDTH_H_
#define MENTIOND_CLIENT_DISPLAY_WIDTH_H_

#include <string>
#include <string_view>

namespace mentiond {

// 0 (combining), 1, or 2 (East Asian wide, emoji).
int DisplayWidth(char32_t code_point);

// The width of a string returned by Printable().
int DisplayWidth(std::string_view printable);

// `printable` in at most `width` columns. Longer text is cut, between words if
// there is a space nearby, and ends in an ellipsis. Empty if `width` is less
// than 1.
std::string CutEnd(std::string_view printable, int width);

// Like CutEnd(), but cuts the beginning.
std::string CutStart(std::string_view printable, int width);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_DISPLAY_WIDTH_H_
