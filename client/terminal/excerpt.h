// Extracts the line of a comment in which the user is mentioned.

#ifndef MENTIOND_CLIENT_EXCERPT_H_
#define MENTIOND_CLIENT_EXCERPT_H_

#include <string>
#include <string_view>

namespace mentiond {

// An excerpt in three parts, so that the mention can be highlighted. All are
// safe to print (see Printable()).
struct Excerpt {
  std::string before;
  // As written in the comment; empty if it was not found there.
  std::string mention;
  std::string after;
};

// The line of `body` that contains the first mention of `login` (without `@`,
// case-insensitive), in at most `width` columns, with an ellipsis where text
// was left out. A line that contains only logins is followed by the next line.
// If no mention is found (the server parses Markdown, this function does not),
// the first non-empty line is returned.
Excerpt MakeExcerpt(std::string_view body, std::string_view login, int width);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_EXCERPT_H_
