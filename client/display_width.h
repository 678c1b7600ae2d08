// How many columns of a terminal text takes, and cutting it to fit.
//
// Columns are what the C library's wcwidth() says of each code point, always
// by its UTF-8 tables, whatever the user's locale. Sequences that a terminal
// may draw narrower than their parts (emoji joined by U+200D) are counted as
// their parts: text that is cut to fit may then be shorter than it could be,
// but never wraps.

#ifndef MENTIOND_CLIENT_DISPLAY_WIDTH_H_
#define MENTIOND_CLIENT_DISPLAY_WIDTH_H_

#include <string>
#include <string_view>

namespace mentiond {

// 0 (combining), 1, or 2 (East Asian wide, emoji).
int DisplayWidth(char32_t code_point);

// The columns of a whole text, as Printable() returns it.
int DisplayWidth(std::string_view printable);

// `printable` in at most `width` columns. What is too long is cut, between
// words where there is a gap near, and ends in an ellipsis. Empty when `width`
// is below 1.
std::string CutEnd(std::string_view printable, int width);

// The same from the other side: the beginning is left out.
std::string CutStart(std::string_view printable, int width);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_DISPLAY_WIDTH_H_
