// Formats a mention for people.

#ifndef MENTIOND_CLIENT_TERMINAL_MENTION_TEXT_H_
#define MENTIOND_CLIENT_TERMINAL_MENTION_TEXT_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "client/terminal/text_style.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond::terminal {

// Three lines followed by an empty one: a headline (author, action, place and
// time), the line of the body with the mention, and the URL. The first two fit
// in `width` columns. `repo`, unless it is empty, becomes a part of the place.
// Safe to print on a terminal, whatever the mention contains.
std::string MentionText(const ::mentions::v1::Mention& mention,
                        std::string_view repo, absl::Time now, int width,
                        const TextStyle& style);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_MENTION_TEXT_H_
