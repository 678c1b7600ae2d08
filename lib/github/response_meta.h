// What the headers of a GitHub answer say, as one parsed struct: paging, which
// version of the page this is, and what the caller may still ask.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api

#ifndef MENTIOND_LIB_GITHUB_RESPONSE_META_H_
#define MENTIOND_LIB_GITHUB_RESPONSE_META_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"

#include "lib/http/http.h"

namespace mentiond {

// The primary limit, in points; a request that is not free takes one.
struct RateLimit {
  int64_t limit = 0;
  int64_t remaining = 0;
  absl::Time reset;  // by the local clock
};

struct ResponseMeta {
  std::string next_url;    // Link rel="next"; empty: none
  uint32_t last_page = 0;  // `page` of Link rel="last"; 0: not said
  std::string etag;        // empty: none
  std::string location;    // where a redirect points; empty: none
  std::optional<RateLimit> rate_limit;
  // Nothing is left of the primary limit, whether or not the rest of it was
  // said.
  bool exhausted = false;
  std::optional<absl::Duration> retry_after;  // never negative
};

// Pure. What is missing, malformed or absurd counts as not said; of headers
// that are there more than once the first counts. `now` is the local time:
// GitHub's times are taken relative to its own `Date`, so that the two clocks
// need not agree.
ResponseMeta ParseResponseMeta(const HttpHeaders& headers, absl::Time now);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_RESPONSE_META_H_
