#include "server/grpc_status.h"

#include <cstdint>
#include <string>

#include "absl/time/time.h"

#include "lib/base/status_reason.h"
#include "proto/google/rpc/error_details.pb.h"

namespace mentiond {
namespace {

// How soon clients may reconnect to a server that is full.
constexpr absl::Duration kRetryDelay = absl::Seconds(1);

// The reason for errors that do not carry one.
const char* DefaultReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnauthenticated:
      return "GITHUB_TOKEN_REJECTED";
    case absl::StatusCode::kPermissionDenied:
      return "GITHUB_FORBIDS";
    case absl::StatusCode::kNotFound:
      return "GITHUB_NOT_FOUND";
    case absl::StatusCode::kFailedPrecondition:
      return "GITHUB_GONE";
    case absl::StatusCode::kUnavailable:
      return "DRAINING";
    default:
      return "";
  }
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  const auto code = static_cast<grpc::StatusCode>(status.code());
  const std::string message(status.message());
  if (status.ok() || absl::IsCancelled(status)) {
    return grpc::Status(code, message);
  }
  google::rpc::Status details;
  details.set_code(static_cast<int>(code));
  details.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_domain("mentiond");
  info.set_reason(ReasonOf(status));
  if (info.reason().empty()) info.set_reason(DefaultReason(status.code()));
  for (const auto& [key, value] : MetadataOf(status)) {
    (*info.mutable_metadata())[key] = value;
  }
  if (const std::string field = FieldOf(status); !field.empty()) {
    google::rpc::BadRequest bad;
    auto* violation = bad.add_field_violations();
    violation->set_field(field);
    // The message is "FIELD: DESCRIPTION".
    violation->set_description(message.substr(field.size() + 2));
    details.add_details()->PackFrom(bad);
  }
  if (absl::IsUnavailable(status) || absl::IsResourceExhausted(status)) {
    google::rpc::RetryInfo retry;
    const int64_t millis =
        absl::ToInt64Milliseconds(RetryAfterOf(status).value_or(kRetryDelay));
    retry.mutable_retry_delay()->set_seconds(millis / 1000);
    retry.mutable_retry_delay()->set_nanos(
        static_cast<int32_t>(millis % 1000 * 1'000'000));
    details.add_details()->PackFrom(retry);
  }
  if (!info.reason().empty()) details.add_details()->PackFrom(info);
  return grpc::Status(code, message, details.SerializeAsString());
}

}  // namespace mentiond
