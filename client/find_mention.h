// Finds where a comment mentions a user, accurately enough for display.

#ifndef MENTIOND_CLIENT_FIND_MENTION_H_
#define MENTIOND_CLIENT_FIND_MENTION_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace mentiond {

// The offset of the `@` of the first `@login` in `body` (case-insensitive) that
// is not part of a longer login, a word, an e-mail address or a team name.
// Occurrences outside code are preferred, because GitHub does not treat those
// in code as mentions. The server has already decided, from the parsed
// Markdown, that the body mentions the user; this only selects the line to
// show, so simple rules for code (fences and backticks) suffice. nullopt if
// `login` does not occur.
std::optional<size_t> FindMention(std::string_view body,
                                  std::string_view login);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_FIND_MENTION_H_
