// Makes untrusted text safe to print on a terminal.
//
// Anyone who can comment on a repository controls bytes that this program
// prints, and terminals interpret some of them: escape sequences can change
// colours, move the cursor, set the title or write to the clipboard, and
// bidirectional overrides can reorder a line.

#ifndef MENTIOND_CLIENT_TERMINAL_PRINTABLE_H_
#define MENTIOND_CLIENT_TERMINAL_PRINTABLE_H_

#include <string>
#include <string_view>

namespace mentiond::terminal {

// `untrusted` as one line of valid UTF-8 that no terminal interprets:
//   - each run of whitespace, including newlines and tabs, becomes one space
//     (also at the beginning and the end);
//   - control characters become visible: ESC is shown as U+241B, C1 controls
//     and invalid UTF-8 as U+FFFD;
//   - invisible characters (bidirectional controls, soft hyphens, zero-width
//     spaces, tags) are removed, except the joiners and variation selectors
//     that emoji and some scripts need;
//   - at most eight combining marks are kept per base character.
// Idempotent.
std::string Printable(std::string_view untrusted);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_PRINTABLE_H_
