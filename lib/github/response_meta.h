// The headers of a GitHub response as one parsed struct: paging, the version of
// the page, and what is left of the rate limit.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api

#ifndef MENTIOND_LIB_GITHUB_RESPONSE_META_H_
#define MENTIOND_LIB_GITHUB_RESPONSE_META_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"

#include "lib/http/http.h"

namespace mentiond {

// The primary rate limit, in points.
struct RateLimit {
  int64_t limit = 0;
  int64_t remaining = 0;
  absl::Time reset;  // by the local clock
};

struct ResponseMeta {
  std::string next_url;    // Link rel="next"; empty: none
  uint32_t last_page = 0;  // `page` of Link rel="last"; 0: not reported
  std::string etag;        // empty: none
  std::string location;    // a redirect's target; empty: none
  std::optional<RateLimit> rate_limit;
  // Nothing is left of the primary limit, even if the rest of it was not
  // reported.
  bool exhausted = false;
  std::optional<absl::Duration> retry_after;  // never negative
  // When the token of the request expires, by GitHub's clock; nullopt: not
  // reported, which means never.
  std::optional<absl::Time> token_expires_at;
};

// Pure. What is missing, malformed or absurd counts as not reported; of
// repeated headers the first counts. `now` is the local time: GitHub's times
// are taken relative to its own `Date`, so that the two clocks need not agree.
ResponseMeta ParseResponseMeta(const HttpHeaders& headers, absl::Time now);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_RESPONSE_META_H_
