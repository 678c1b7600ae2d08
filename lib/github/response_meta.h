// What the headers of a GitHub answer say about paging, as one parsed struct.
// https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api

#ifndef MENTIOND_LIB_GITHUB_RESPONSE_META_H_
#define MENTIOND_LIB_GITHUB_RESPONSE_META_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/http/http.h"

namespace mentiond {

struct ResponseMeta {
  std::string next_url;    // Link rel="next"; empty: none
  uint32_t last_page = 0;  // `page` of Link rel="last"; 0: not said
};

// Pure. What is missing, malformed or absurd counts as not said.
ResponseMeta ParseResponseMeta(const HttpHeaders& headers);

// The target of `rel` in the value of a Link header (RFC 8288); empty: none.
std::string_view LinkTarget(std::string_view link, std::string_view rel);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_RESPONSE_META_H_
