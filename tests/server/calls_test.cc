// Requests, responses and statuses as gRPC has them, and refusals in the log.

#include <optional>
#include <string>
#include <vector>

#include "grpcpp/support/slice.h"
#include "gtest/gtest.h"

#include "lib/base/hashed_token.h"
#include "lib/base/secret.h"
#include "lib/base/status_reason.h"
#include "proto/google/rpc/error_details.pb.h"
#include "server/grpc_status.h"
#include "server/refusal_log.h"
#include "server/wire.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;

TEST(WireTest, ParsesARequestInOneOrSeveralSlices) {
  SubscribeRequest sent;
  sent.set_repo("octo/demo");
  sent.set_user("m\u00f6na");
  sent.add_sources(mentions::v1::SOURCE_REVIEW);
  const std::string bytes = sent.SerializeAsString();
  for (const size_t cut : {size_t{0}, size_t{3}}) {
    const grpc::Slice slices[] = {grpc::Slice(bytes.substr(0, cut)),
                                  grpc::Slice(bytes.substr(cut))};
    const auto request = ParseRequest(grpc::ByteBuffer(slices, 2));
    ASSERT_TRUE(request.ok()) << request.status();
    EXPECT_EQ(request->SerializeAsString(), bytes);
  }
}

TEST(WireTest, SaysWhatIsWrong) {
  const auto status = [](const std::string& bytes) {
    const grpc::Slice slice(bytes);
    return ParseRequest(grpc::ByteBuffer(&slice, 1)).status();
  };
  EXPECT_TRUE(status("").ok()) << "the empty message";
  for (const char* bytes : {"\x0a", "\xff\xff\xff\xff", "hello"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(status(bytes))) << bytes;
  }
  int field = 0;
  for (const char* error :
       {"repo: is not UTF-8", "user: is not UTF-8", "token: is not UTF-8",
        "resume_token: is not UTF-8"}) {
    ++field;
    const absl::Status wrong =
        status({static_cast<char>(field << 3 | 2), 1, '\xff'});
    EXPECT_TRUE(absl::IsInvalidArgument(wrong));
    EXPECT_EQ(wrong.message(), error);
  }
}

TEST(WireTest, SerializesAResponse) {
  mentions::v1::SubscribeResponse response;
  response.mutable_mention()->set_body("hello");
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(SerializeResponse(response).Dump(&slices).ok());
  ASSERT_EQ(slices.size(), 1U);
  EXPECT_EQ(std::string(slices[0].begin(), slices[0].end()),
            response.SerializeAsString());
}

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

const absl::Status kInvalid = absl::InvalidArgumentError("user: it is empty");

class RefusalLogTest : public testing::Test {
 protected:
  FakeClock clock_;
  RefusalLog refusals_{clock_, "github.com"};
};

TEST_F(RefusalLogTest, TheLineSaysWhoWantedWhatAsFarAsThatIsValid) {
  const auto request = [](const char* repo, const char* user,
                          const char* token) {
    SubscribeRequest of;
    of.set_repo(repo);
    of.set_user(user);
    of.set_token(token);
    return of;
  };
  const Caller peer = {.peer = "ipv4:10.0.0.1:4711"};
  const std::string by_peer = " peer=ipv4:10.0.0.1:4711";
  const std::string by_octocat = " repo=Octo/Demo user=octocat" + by_peer;
  const std::string hashed = " token=" + HashedToken(Secret("ghp_secret"));
  const struct {
    std::optional<SubscribeRequest> request;  // if it was read
    const char* authorization;
    Caller caller;
    std::string line;
  } cases[] = {
      {request("Octo/Demo", "octocat", "ghp_secret"),
       "",
       {.peer = peer.peer, .principal = "a\nb", .trace_parent = "t"},
       by_octocat + hashed + " principal=\"a\\nb\" traceparent=t"},
      // A token may be in the wrong field.
      {request("ghp_secret", "ghp_secret\n", "ghp_secret\n"), "", peer,
       by_peer},
      {request("Octo/Demo", "octocat", ""), "Bearer ghp_secret", peer,
       by_octocat + hashed},
      {request("Octo/Demo", "octocat", ""), "", peer, by_octocat + " token=-"},
      // Without the request it is not known whether there was one.
      {std::nullopt, "Bearer ghp_secret", peer, by_peer + hashed},
      {std::nullopt, "ghp_secret", peer, by_peer},
      {std::nullopt, "", peer, by_peer},
  };
  for (const auto& row : cases) {
    const CapturedLog log;
    clock_.Advance(absl::Seconds(1));
    refusals_.Note(kInvalid, row.caller, row.request ? &*row.request : nullptr,
                   row.authorization);
    const auto lines = log.With("");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(
        lines[0].message,
        "stream refused (INVALID_ARGUMENT: user: it is empty):" + row.line);
  }
}

TEST_F(RefusalLogTest, AFloodOfOneKindIsCountedAndHidesNoOther) {
  // Given a thousand refusals in a second, ten of which are logged,
  const CapturedLog log;
  for (int i = 0; i < 1000; ++i) refusals_.Note(kInvalid, {}, nullptr, "");
  EXPECT_EQ(log.With("INVALID_ARGUMENT").size(),
            size_t{RefusalLog::kLinesPerSecond});
  // when somebody else is not let in, then that is logged,
  refusals_.Note(absl::PermissionDeniedError("no"), {}, nullptr, "");
  EXPECT_EQ(log.With("PERMISSION_DENIED").size(), 1U);
  // and a second later how many there were of the others.
  clock_.Advance(absl::Seconds(1));
  refusals_.Note(kInvalid, {}, nullptr, "");
  EXPECT_EQ(log.With("(990 more since the last such line)").size(), 1U);
}

}  // namespace
}  // namespace mentiond
