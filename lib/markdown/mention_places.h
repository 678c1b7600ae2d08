// Where in a body its mentions stand.

#ifndef MENTIOND_LIB_MARKDOWN_MENTION_PLACES_H_
#define MENTIOND_LIB_MARKDOWN_MENTION_PLACES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mentiond {

struct MentionPlace {
  uint32_t name;    // an index into the names
  uint32_t offset;  // of its `@` in the body, in bytes
};

// The places in `markdown`, in ascending order, that mention one of `names`,
// which are those that ExtractNames() finds in it. A mention that is not
// written as such, for example as `&#64;login`, has no place; nor has any after
// the first ten thousand words with an `@`. Linear in the body's length, but
// for the parser's time; takes any bytes; any thread.
std::vector<MentionPlace> LocateMentions(std::string_view markdown,
                                         const std::vector<std::string>& names);

}  // namespace mentiond

#endif  // MENTIOND_LIB_MARKDOWN_MENTION_PLACES_H_
