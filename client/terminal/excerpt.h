// Extracts the line of a comment in which the user is mentioned.

#ifndef MENTIOND_CLIENT_TERMINAL_EXCERPT_H_
#define MENTIOND_CLIENT_TERMINAL_EXCERPT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mentiond::terminal {

// An excerpt in three parts, so that the mention can be highlighted. All are
// safe to print (see Printable()).
struct Excerpt {
  std::string before;
  // As written in the comment, with the `@`; empty: not known.
  std::string mention;
  std::string after;
};

// The line of `body` with the mention that begins at byte `offset`, in at most
// `width` columns, with an ellipsis where text was left out. A line that
// contains only logins is followed by the next line. Without an offset, or with
// one that is not that of an `@`, the first non-empty line.
Excerpt MakeExcerpt(std::string_view body, std::optional<size_t> offset,
                    int width);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_EXCERPT_H_
