// Finds mentions in one run of plain text: what a browser would hold as one
// text node once the Markdown is rendered. It knows nothing of Markdown; see
// extractor.h for that.

#ifndef MENTIOND_LIB_MARKDOWN_TEXT_SCANNER_H_
#define MENTIOND_LIB_MARKDOWN_TEXT_SCANNER_H_

#include <string_view>

#include "absl/functional/function_ref.h"

namespace mentiond {

// Calls `found` with each name that is mentioned, without its `@`: logins, and
// teams as `org/team`, in the text's own case and in order, repeats included.
// The views lie in `text`. Linear in the length of `text`; takes any bytes.
//
// GitHub's filter runs once the Markdown is rendered, over each text node. Its
// published ancestor (html-pipeline's MentionFilter) says what may stand beside
// a login, and "word character" means ASCII there, so that a login next to
// Chinese text counts:
// - before the `@`: nothing, or no word character (`a-zA-Z0-9_`);
// - after the name: nothing, or neither a word character nor `/` (a package's
//   scope, or a path); and a dot only where no word continues after it, so
//   `@user.` counts and `@example.com` does not.
// Teams are html-pipeline's TeamMentionFilter's: a login, `/`, and a name of
// letters, digits, hyphens and underscores.
void ScanText(std::string_view text,
              absl::FunctionRef<void(std::string_view name)> found);

}  // namespace mentiond

#endif  // MENTIOND_LIB_MARKDOWN_TEXT_SCANNER_H_
