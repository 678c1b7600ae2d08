// One mention as a person reads it.

#ifndef MENTIOND_CLIENT_MENTION_TEXT_H_
#define MENTIOND_CLIENT_MENTION_TEXT_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "client/text_style.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// Three lines and an empty one: who did what where and when; the line with the
// mention of `login` in it; the URL. Whatever the mention holds, a terminal
// only shows it. The first two fit into `width` columns.
std::string MentionText(const ::mentions::v1::Mention& mention,
                        std::string_view login, absl::Time now, int width,
                        const TextStyle& style);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_MENTION_TEXT_H_
