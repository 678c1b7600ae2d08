// The Link header, in which GitHub says where the next page is.
// https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api

#ifndef MENTIOND_LIB_GITHUB_LINK_HEADER_H_
#define MENTIOND_LIB_GITHUB_LINK_HEADER_H_

#include <string_view>

namespace mentiond {

// The target of `rel` in the value of a Link header (RFC 8288); empty: none.
// Pure.
std::string_view LinkTarget(std::string_view link, std::string_view rel);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_LINK_HEADER_H_
