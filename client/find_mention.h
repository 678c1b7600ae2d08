// Where in a text a user is mentioned, well enough to show it to a person.

#ifndef MENTIOND_CLIENT_FIND_MENTION_H_
#define MENTIOND_CLIENT_FIND_MENTION_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace mentiond {

// The offset of the `@` of the first `@login` in `body`, in any case, that is
// not part of a longer login, of a word, an e-mail address or a team's name.
// One outside of code is preferred, as GitHub does not take those in code for
// mentions. Whether the text mentions the user has been decided by the server,
// on its parsed Markdown; this only picks the line to show, hence the simple
// rules (fences and backticks) for code. nullopt when `login` does not occur.
std::optional<size_t> FindMention(std::string_view body,
                                  std::string_view login);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_FIND_MENTION_H_
