// What the status code of a GitHub response means for a subscription.
// https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api

#ifndef MENTIOND_LIB_GITHUB_RESPONSE_STATUS_H_
#define MENTIOND_LIB_GITHUB_RESPONSE_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

#include "lib/http/http.h"

namespace mentiond {

// Whether a response refuses the request because of a rate limit.
enum class Limit {
  kNone,
  kPrimary,    // the quota is used up
  kSecondary,  // too much at a time
};

// Pure. Looks at 403 and 429 only. A 403 is a limit when it has `retry-after`,
// an exhausted quota, or the words of a secondary limit; a 429 always is.
Limit LimitOf(const HttpResponse& response);

// Pure. OK for 200. Lasting errors: UNAUTHENTICATED (401), PERMISSION_DENIED
// (403 that is no rate limit), NOT_FOUND (404), FAILED_PRECONDITION (410, 451).
// OUT_OF_RANGE for 422, which is how GitHub ends deep paging. Everything else
// is transient: UNAVAILABLE. The message is for people and includes GitHub's
// own, and what its headers say about missing access (see access_advice.h).
absl::Status StatusOfResponse(const HttpResponse& response);

// Whether a message has the words of a secondary rate limit. Pure.
bool HasSecondaryLimitWords(std::string_view message);

// Whether trying again later may help.
bool IsTransient(const absl::Status& status);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_RESPONSE_STATUS_H_
