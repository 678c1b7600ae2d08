// Text of strangers, made safe for a terminal.
//
// Whoever may comment on a repository chooses the bytes that this program
// prints. A terminal obeys some of them: escape sequences can recolour, move
// the cursor, set the title or write to the clipboard, and bidirectional
// overrides show a line in another order than it has.

#ifndef MENTIOND_CLIENT_PRINTABLE_H_
#define MENTIOND_CLIENT_PRINTABLE_H_

#include <string>
#include <string_view>

namespace mentiond {

// `untrusted` as one line of valid UTF-8 that a terminal only shows:
//   - line ends, tabs and every other white space become one space a run (runs
//     at both ends are kept as one space);
//   - control characters become visible: ESC is shown as U+241B, the C1
//     controls and bytes that are no UTF-8 as U+FFFD;
//   - bidirectional embeddings, overrides and isolates become U+FFFD;
//   - invisible characters (marks of direction, soft hyphens, zero-width
//     spaces, tags) are left out, except the joiners that emoji and some
//     scripts need;
//   - of more than eight marks on one letter, only eight are kept.
// What it returns comes back unchanged when given to it again.
std::string Printable(std::string_view untrusted);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_PRINTABLE_H_
