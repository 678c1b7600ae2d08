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

TEST(GrpcStatusTest, NamesTheInvalidField) {
  const grpc::Status status = ToGrpcStatus(InvalidField("repo", "is empty"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "repo: is empty");
  const auto bad = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "repo");
  EXPECT_EQ(bad.field_violations(0).description(), "is empty");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).reason(), "INVALID_FIELD");
  EXPECT_FALSE(DetailOf<google::rpc::RetryInfo>(status).has_retry_delay());
}

TEST(GrpcStatusTest, TransientErrorsSayWhenToRetry) {
  const grpc::Status draining = ToGrpcStatus(absl::UnavailableError("bye"));
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(draining).reason(), "DRAINING");
  EXPECT_GT(DetailOf<google::rpc::RetryInfo>(draining).retry_delay().seconds(),
            0);
  const grpc::Status slow = ToGrpcStatus(
      WithReason(absl::ResourceExhaustedError("slow"), "SLOW_READER"));
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(slow).reason(), "SLOW_READER");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(slow).domain(), "mentiond");
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(slow).has_retry_delay());
}

TEST(GrpcStatusTest, PermanentErrorsHaveAReason) {
  const auto reason = [](const absl::Status& status) {
    const grpc::Status failed = ToGrpcStatus(status);
    EXPECT_FALSE(DetailOf<google::rpc::RetryInfo>(failed).has_retry_delay());
    return DetailOf<google::rpc::ErrorInfo>(failed).reason();
  };
  EXPECT_EQ(reason(absl::UnauthenticatedError("")), "GITHUB_TOKEN_REJECTED");
  EXPECT_EQ(reason(absl::PermissionDeniedError("")), "GITHUB_FORBIDS");
  EXPECT_EQ(reason(absl::NotFoundError("")), "GITHUB_NOT_FOUND");
  EXPECT_EQ(reason(absl::FailedPreconditionError("")), "GITHUB_GONE");
}

TEST(GrpcStatusTest, ProgramsGetTheMetadata) {
  const grpc::Status status = ToGrpcStatus(WithMetadata(
      WithReason(absl::PermissionDeniedError("no"), "GITHUB_SSO_REQUIRED"),
      "sso_url", "https://github.com/x"));
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.reason(), "GITHUB_SSO_REQUIRED");
  EXPECT_EQ(info.metadata().at("sso_url"), "https://github.com/x");
  EXPECT_EQ(info.metadata_size(), 1);
}

TEST(GrpcStatusTest, OkAndCancelledHaveNoDetails) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_EQ(ToGrpcStatus(absl::CancelledError("x")).error_details(), "");
}

}  // namespace
}  // namespace mentiond
