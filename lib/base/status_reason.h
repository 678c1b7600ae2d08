// What a program can act on in an error, besides its code: payloads of a Status
// that the server turns into details of the failed call.

#ifndef MENTIOND_LIB_BASE_STATUS_REASON_H_
#define MENTIOND_LIB_BASE_STATUS_REASON_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace mentiond {

// `status`, an error, with a reason in capitals, such as "SLOW_READER".
absl::Status WithReason(absl::Status status, std::string_view reason);
// Empty: none.
std::string ReasonOf(const absl::Status& status);

// `status` with one more value for programs, by a key such as "sso_url".
absl::Status WithMetadata(absl::Status status, std::string_view key,
                          std::string_view value);
absl::btree_map<std::string, std::string> MetadataOf(
    const absl::Status& status);

// `status` with how long a client should wait before it tries again, at least
// zero; rounded to milliseconds.
absl::Status WithRetryAfter(absl::Status status, absl::Duration wait);
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

// INVALID_ARGUMENT: "field: why", and the field by itself.
absl::Status InvalidField(std::string_view field, std::string_view why);
// Empty: none.
std::string FieldOf(const absl::Status& status);

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_STATUS_REASON_H_
