#include "lib/github/answer_status.h"

#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "lib/github/decode.h"

namespace mentiond {
namespace {

// The marks by which a 403 is a limit and not a refusal: `retry-after`, an
// exhausted quota, or the words of a secondary limit. The last differ with the
// years; recorded answers hold all three.
bool IsRateLimit(const HttpResponse& response) {
  return response.headers.Get("retry-after").has_value() ||
         response.headers.Get("x-ratelimit-remaining") == "0" ||
         absl::StrContains(response.body, "secondary rate limit") ||
         absl::StrContains(response.body, "secondary-rate-limits") ||
         absl::StrContains(response.body, "abuse-rate-limits");
}

}  // namespace

absl::Status StatusOfAnswer(const HttpResponse& response) {
  if (response.status == 200) return absl::OkStatus();
  const std::string message = DecodeErrorMessage(response.body);
  const std::string words = absl::StrCat("GitHub answered ", response.status,
                                         message.empty() ? "" : ": ", message);
  switch (response.status) {
    case 401:
      return absl::UnauthenticatedError(words);
    case 403:
      return IsRateLimit(response) ? absl::UnavailableError(words)
                                   : absl::PermissionDeniedError(words);
    case 404:
      return absl::NotFoundError(words);
    case 410:
    case 451:
      return absl::FailedPreconditionError(words);
    default:
      return absl::UnavailableError(words);
  }
}

bool IsTransient(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return true;
    default:
      return false;
  }
}

}  // namespace mentiond
