// From the JSON of a GraphQL response to what it says of pull requests. Nothing
// in it is trusted: a malformed description, review or comment is left out, and
// what is null beside an error counts as not read.

#ifndef MENTIOND_LIB_GITHUB_PULL_DECODE_H_
#define MENTIOND_LIB_GITHUB_PULL_DECODE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "lib/github/response_meta.h"
#include "lib/github/types.h"

namespace mentiond {

struct DecodedPulls {
  PullPage page;
  int64_t cost = 1;  // points
  // As the response's body has it; the reset is by GitHub's clock.
  std::optional<RateLimit> rate_limit;
};

// Both pure. They decode the response, of status 200, to PartsQuery and
// SearchQuery. Pending reviews are left out: only their author sees them.
//
// Errors of the whole query:
//   RESOURCE_EXHAUSTED  a rate limit
//   DEADLINE_EXCEEDED   GitHub took too long, or found the query too large
//   PERMISSION_DENIED   the token may not read the repository by GraphQL
//   NOT_FOUND           the same, or there is no such repository
//   UNIMPLEMENTED       GitHub does not know this query
//   UNAVAILABLE         anything else, such as JSON that is cut short
//   DATA_LOSS           of a search only: an error beside the data
absl::StatusOr<DecodedPulls> DecodeParts(
    std::string_view json, const std::vector<PullRequestPart>& parts);
absl::StatusOr<DecodedPulls> DecodeSearch(std::string_view json);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_PULL_DECODE_H_
