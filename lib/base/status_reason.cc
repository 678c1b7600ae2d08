#include "lib/base/status_reason.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

#include "lib/base/strings.h"

namespace mentiond {
namespace {

constexpr char kReason[] = "mentiond/reason";
constexpr char kField[] = "mentiond/field";

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
