// Formats a mention for people.

#ifndef MENTIOND_CLIENT_MENTION_TEXT_H_
#define MENTIOND_CLIENT_MENTION_TEXT_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "client/text_style.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// Three lines followed by an empty one: a headline (author, action, place and
// time), the line of the body that mentions `login`, and the URL. The first two
// fit in `width` columns. Safe to print on a terminal, whatever the mention
// contains.
std::string MentionText(const ::mentions::v1::Mention& mention,
                        std::string_view login, absl::Time now, int width,
                        const TextStyle& style);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_MENTION_TEXT_H_
