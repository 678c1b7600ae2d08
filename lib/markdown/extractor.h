// Whom a body mentions, by GitHub's rules: the logins and teams after an `@` in
// the text that its Markdown renders to, but not in code, links, e-mail
// addresses, or HTML that is not displayed.

#ifndef MENTIOND_LIB_MARKDOWN_EXTRACTOR_H_
#define MENTIOND_LIB_MARKDOWN_EXTRACTOR_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/markdown/mention_places.h"
#include "lib/markdown/mention_target.h"

namespace mentiond {

// All functions accept any bytes, as bodies come from the network, and are safe
// to call from any thread; parsing is serialised, because cmark-gfm keeps
// global state. Time is bounded for hostile bodies too: a body that would take
// the parser too long (see parse_cost.h) is scanned as plain text, which may
// find mentions that GitHub would not see, and misses only those written with a
// character reference or a backslash.

// The names that `markdown` mentions, logins and teams (`org/team`), in lower
// case, in the order of their first appearance, each once. Accounts that do not
// exist are included, so there may be more than GitHub would notify.
std::vector<std::string> ExtractNames(std::string_view markdown);

// Those of them that are logins.
std::vector<std::string> ExtractMentions(std::string_view markdown);

// Whether `target` can be among the names: a byte search, which spares most
// bodies the parsing.
bool MayMention(std::string_view markdown, const MentionTarget& target);

// Whether Markdown may turn the bytes into an `@login` that they do not show.
bool MayHideLogins(std::string_view markdown);

// What is known of a body's mentions, for all who read it.
struct Mentions {
  std::vector<std::string> names;  // as ExtractNames()
  // As LocateMentions(); nullopt: not located yet.
  std::optional<std::vector<MentionPlace>> places;
};
// Null: the mentions have not been extracted yet.
using MentionCache = std::shared_ptr<Mentions>;

// Whether `target` is among ExtractNames(markdown), or for anyone, whether
// there are any. The names are extracted at most once for each `cache`; null:
// nothing is cached.
bool HasMention(std::string_view markdown, const MentionTarget& target,
                MentionCache* cache = nullptr);

}  // namespace mentiond

#endif  // MENTIOND_LIB_MARKDOWN_EXTRACTOR_H_
