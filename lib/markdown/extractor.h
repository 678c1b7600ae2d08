// Which users a body mentions, by GitHub's rules: the logins after an `@` in
// the text that its Markdown renders to, but not in code, links, e-mail
// addresses, or HTML that is not displayed.

#ifndef MENTIOND_LIB_MARKDOWN_EXTRACTOR_H_
#define MENTIOND_LIB_MARKDOWN_EXTRACTOR_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/login.h"

namespace mentiond {

// All functions accept any bytes, as bodies come from the network, and are safe
// to call from any thread; parsing is serialised, because cmark-gfm keeps
// global state. Time is bounded for hostile bodies too: a body that would take
// the parser too long (see parse_cost.h) is scanned as plain text, which may
// find mentions that GitHub would not see, and misses only those written with a
// character reference or a backslash.

// The logins that `markdown` mentions, in lower case, in the order of their
// first appearance, each once. Accounts that do not exist are included, so
// there may be more logins than GitHub would notify.
std::vector<std::string> ExtractMentions(std::string_view markdown);

// Whether `login` can be among them: a byte search, which spares most bodies
// the parsing.
bool MayMention(std::string_view markdown, const Login& login);

// Whether Markdown may turn the bytes into an `@login` that they do not show.
bool MayHideLogins(std::string_view markdown);

// The logins that a body mentions, once they have been extracted; null before.
using MentionCache = std::shared_ptr<const std::vector<std::string>>;

// Whether `login` is among ExtractMentions(markdown), which is called at most
// once for each `cache`. Null: nothing is cached.
bool MentionsUser(std::string_view markdown, const Login& login,
                  MentionCache* cache = nullptr);

}  // namespace mentiond

#endif  // MENTIOND_LIB_MARKDOWN_EXTRACTOR_H_
