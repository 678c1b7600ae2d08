#include "lib/github/response_status.h"

#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "lib/base/strings.h"
#include "lib/github/access_advice.h"
#include "lib/github/decode.h"

namespace mentiond {
// The words differ with the years; recorded responses have all three.
bool HasSecondaryLimitWords(std::string_view message) {
  const absl::string_view words = ToAbsl(message);
  return absl::StrContains(words, "secondary rate limit") ||
         absl::StrContains(words, "secondary-rate-limits") ||
         absl::StrContains(words, "abuse-rate-limits");
}

Limit LimitOf(const HttpResponse& response) {
  if (response.status != 403 && response.status != 429) return Limit::kNone;
  if (HasSecondaryLimitWords(response.body)) return Limit::kSecondary;
  if (response.headers.Get("x-ratelimit-remaining") == "0") {
    return Limit::kPrimary;
  }
  return response.status == 429 || response.headers.Get("retry-after")
             ? Limit::kSecondary
             : Limit::kNone;
}

absl::Status StatusOfResponse(const HttpResponse& response) {
  if (response.status == 200) return absl::OkStatus();
  const std::string message = DecodeErrorMessage(response.body);
  const std::string words = absl::StrCat("GitHub answered ", response.status,
                                         message.empty() ? "" : ": ", message);
  switch (response.status) {
    case 401:
      return absl::UnauthenticatedError(words);
    case 403:
      return LimitOf(response) == Limit::kNone
                 ? WithAccessAdvice(absl::PermissionDeniedError(words),
                                    response.headers)
                 : absl::UnavailableError(words);
    case 404:
      return WithAccessAdvice(absl::NotFoundError(words), response.headers);
    case 410:
    case 451:
      return absl::FailedPreconditionError(words);
    case 422:
      return absl::OutOfRangeError(words);
    default:
      return absl::UnavailableError(words);
  }
}

bool IsTransient(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kOutOfRange:
      return true;
    default:
      return false;
  }
}

}  // namespace mentiond
