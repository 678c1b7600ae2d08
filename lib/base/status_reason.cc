#include "lib/base/status_reason.h"

#include <cstdint>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "lib/base/strings.h"

namespace mentiond {
namespace {

constexpr char kReason[] = "mentiond/reason";
constexpr char kField[] = "mentiond/field";
constexpr char kRetryAfter[] = "mentiond/retry_after_ms";
constexpr char kMetadata[] = "mentiond/metadata/";

std::string PayloadOf(const absl::Status& status, const char* type) {
  const absl::optional<absl::Cord> payload = status.GetPayload(type);
  return payload ? std::string(*payload) : std::string();
}

}  // namespace

absl::Status WithReason(absl::Status status, std::string_view reason) {
  status.SetPayload(kReason, absl::Cord(ToAbsl(reason)));
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  return PayloadOf(status, kReason);
}

absl::Status WithMetadata(absl::Status status, std::string_view key,
                          std::string_view value) {
  status.SetPayload(absl::StrCat(kMetadata, ToAbsl(key)),
                    absl::Cord(ToAbsl(value)));
  return status;
}

absl::btree_map<std::string, std::string> MetadataOf(
    const absl::Status& status) {
  absl::btree_map<std::string, std::string> metadata;
  status.ForEachPayload(
      [&metadata](absl::string_view type, const absl::Cord& payload) {
        if (absl::ConsumePrefix(&type, kMetadata)) {
          metadata.emplace(type, std::string(payload));
        }
      });
  return metadata;
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration wait) {
  status.SetPayload(kRetryAfter,
                    absl::Cord(absl::StrCat(absl::ToInt64Milliseconds(wait))));
  return status;
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  int64_t millis = 0;
  if (!absl::SimpleAtoi(PayloadOf(status, kRetryAfter), &millis)) {
    return std::nullopt;
  }
  return absl::Milliseconds(millis);
}

absl::Status InvalidField(std::string_view field, std::string_view why) {
  absl::Status status = absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(field), ": ", ToAbsl(why)));
  status.SetPayload(kField, absl::Cord(ToAbsl(field)));
  return WithReason(std::move(status), "INVALID_FIELD");
}

std::string FieldOf(const absl::Status& status) {
  return PayloadOf(status, kField);
}

}  // namespace mentiond
