// Whom a comment mentions, by the rules GitHub has: the logins after an `@` in
// the text that its Markdown shows, but not in code, in links, in e-mail
// addresses or in HTML that is not shown.

#ifndef MENTIOND_LIB_MENTION_EXTRACTOR_H_
#define MENTIOND_LIB_MENTION_EXTRACTOR_H_

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/login.h"

namespace mentiond {

// Both functions are pure, take any bytes (a body comes over a wire) and may be
// called from any thread; while one parses, another waits, as the parser keeps
// state of its own in globals. Time is bounded for hostile bodies also: what
// would take the parser absurdly long (see parse_cost.h) is scanned as plain
// text, which may add mentions that GitHub would not see, and loses only those
// written with a character reference or a backslash.

// The logins that `markdown` mentions, in lower case, in the order of their
// first appearance, each once. Whether such accounts exist is not asked, so
// there may be more here than GitHub would notify.
std::vector<std::string> ExtractMentions(std::string_view markdown);

// Whether `login` can be among them: a search of the bytes, which tells most
// bodies that need not be parsed.
bool MayMention(std::string_view markdown, const Login& login);

// Whether `login` is among ExtractMentions(markdown).
bool MentionsUser(std::string_view markdown, const Login& login);

}  // namespace mentiond

#endif  // MENTIOND_LIB_MENTION_EXTRACTOR_H_
