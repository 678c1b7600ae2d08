// Tells Markdown that cmark-gfm would take absurdly long over from the rest.
//
// Debian 12's cmark-gfm (0.29.0.gfm.6) needs time and memory that grow with the
// square of the input for some hostile texts (CVE-2023-22483 to -22486, -24824,
// -26485, -37463 and relatives): a comment of 64 KiB that is one wide table
// header above many short rows costs it two minutes and 13 GB. Anybody may post
// one, and one loop serves all streams.

#ifndef MENTIOND_LIB_MARKDOWN_PARSE_COST_H_
#define MENTIOND_LIB_MARKDOWN_PARSE_COST_H_

#include <string_view>

namespace mentiond {

// Whether cmark-gfm may need more than about a tenth of a second for
// `markdown`. One pass over the bytes; keeps no state. Errs towards yes for
// texts that no person writes, such as 200 levels of quotes or a paragraph of a
// thousand images.
bool IsTooCostlyToParse(std::string_view markdown);

}  // namespace mentiond

#endif  // MENTIOND_LIB_MARKDOWN_PARSE_COST_H_
