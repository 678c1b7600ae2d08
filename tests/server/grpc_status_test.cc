#include "server/grpc_status.h"

#include <string>

#include "gtest/gtest.h"

#include "lib/base/status_reason.h"
#include "proto/google/rpc/error_details.pb.h"

namespace mentiond {
namespace {

// The detail of the given type; an empty message if there is none.
template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), status.error_code());
  EXPECT_EQ(details.message(), status.error_message());
  Detail detail;
  for (const auto& any : details.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return {};
}

TEST(GrpcStatusTest, HasAReasonAndWhenToRetryWhereThatHelps) {
  const struct {
    absl::Status status;
    const char* reason;
    double retry_seconds;  // 0: not
  } cases[] = {
      {InvalidField("repo", "is empty"), "INVALID_FIELD", 0},
      {absl::UnauthenticatedError("x"), "GITHUB_TOKEN_REJECTED", 0},
      {absl::PermissionDeniedError("x"), "GITHUB_FORBIDS", 0},
      {absl::NotFoundError("x"), "GITHUB_NOT_FOUND", 0},
      {absl::FailedPreconditionError("x"), "GITHUB_GONE", 0},
      {absl::UnavailableError("x"), "DRAINING", 1},
      {WithReason(absl::ResourceExhaustedError("x"), "SLOW_READER"),
       "SLOW_READER", 1},
      {WithRetryAfter(absl::UnavailableError("x"), absl::Milliseconds(2500)),
       "DRAINING", 2.5},
  };
  for (const auto& [status, reason, retry_seconds] : cases) {
    const grpc::Status sent = ToGrpcStatus(status);
    EXPECT_EQ(sent.error_code(), static_cast<int>(status.code()));
    EXPECT_EQ(sent.error_message(), std::string(status.message()));
    const auto info = DetailOf<google::rpc::ErrorInfo>(sent);
    EXPECT_EQ(info.reason(), reason);
    EXPECT_EQ(info.domain(), "mentiond");
    const auto retry = DetailOf<google::rpc::RetryInfo>(sent);
    EXPECT_EQ(retry.has_retry_delay(), retry_seconds > 0) << reason;
    EXPECT_EQ(retry.retry_delay().seconds() + retry.retry_delay().nanos() / 1e9,
              retry_seconds);
  }
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_EQ(ToGrpcStatus(absl::CancelledError("x")).error_details(), "");
}

TEST(GrpcStatusTest, HasTheFieldAndTheMetadata) {
  const auto bad = DetailOf<google::rpc::BadRequest>(
      ToGrpcStatus(InvalidField("repo", "is empty")));
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "repo");
  EXPECT_EQ(bad.field_violations(0).description(), "is empty");
  const auto info = DetailOf<google::rpc::ErrorInfo>(ToGrpcStatus(
      WithMetadata(absl::PermissionDeniedError("no"), "sso_url", "https://x")));
  EXPECT_EQ(info.metadata().at("sso_url"), "https://x");
  EXPECT_EQ(info.metadata_size(), 1);
}

}  // namespace
}  // namespace mentiond
