// Measures text in terminal columns, and truncates it to fit. Never splits what
// readers see as one character; a sequence of joined emoji is cut between two.
// Widths are libunistring's.

#ifndef MENTIOND_CLIENT_TERMINAL_DISPLAY_WIDTH_H_
#define MENTIOND_CLIENT_TERMINAL_DISPLAY_WIDTH_H_

#include <string>
#include <string_view>

namespace mentiond::terminal {

// All take a string returned by Printable().

int DisplayWidth(std::string_view printable);

// `printable` in at most `width` columns. Longer text is cut, between words if
// there is a space nearby, and ends in an ellipsis. Empty if `width` is less
// than 1.
std::string CutEnd(std::string_view printable, int width);

// Like CutEnd(), but cuts the beginning.
std::string CutStart(std::string_view printable, int width);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_DISPLAY_WIDTH_H_
