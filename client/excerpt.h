// One line out of a comment: the one in which the user is mentioned.

#ifndef MENTIOND_CLIENT_EXCERPT_H_
#define MENTIOND_CLIENT_EXCERPT_H_

#include <string>
#include <string_view>

namespace mentiond {

// Three pieces, so that the middle one can be highlighted. All are safe to
// print (see Printable()).
struct Excerpt {
  std::string before;
  // As it is written in the text; empty when it was not found there.
  std::string mention;
  std::string after;
};

// The line of `body` around the first mention of `login` (without `@`, in any
// case), in at most `width` columns with an ellipsis where something was left
// out. A line that holds nothing but logins is joined by the next one. Without
// a mention (the server knows Markdown, this does not) it is the first line
// that is not empty.
Excerpt MakeExcerpt(std::string_view body, std::string_view login, int width);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_EXCERPT_H_
