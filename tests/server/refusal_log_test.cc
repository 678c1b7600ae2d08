#include "server/refusal_log.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/base/hashed_token.h"
#include "lib/base/secret.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kToken[] = "ghp_secret";
const absl::Status kInvalid = absl::InvalidArgumentError("user: it is empty");

class RefusalLogTest : public testing::Test {
 protected:
  static SubscribeRequest Request(const std::string& repo,
                                  const std::string& user,
                                  const std::string& token) {
    SubscribeRequest request;
    request.set_repo(repo);
    request.set_user(user);
    request.set_token(token);
    return request;
  }
  // The one line about a refusal.
  std::string LineOf(const SubscribeRequest* request,
                     const std::string& authorization = "",
                     const Caller& caller = {.peer = "ipv4:10.0.0.1:4711"}) {
    const CapturedLog log;
    clock_.Advance(absl::Seconds(1));
    refusals_.Note(kInvalid, caller, request, authorization);
    const auto lines = log.With("");
    EXPECT_EQ(lines.size(), 1U);
    return lines.empty() ? "" : lines[0].message;
  }

  FakeClock clock_;
  RefusalLog refusals_{clock_, "github.com"};
};

TEST_F(RefusalLogTest, TheLineSaysWhoWantedWhat) {
  const SubscribeRequest request = Request("Octo/Demo", "octocat", kToken);
  EXPECT_EQ(LineOf(&request, "",
                   {.peer = "ipv4:10.0.0.1:4711",
                    .principal = "a\nb",
                    .trace_parent = "t"}),
            "stream refused (INVALID_ARGUMENT: user: it is empty): "
            "repo=Octo/Demo user=octocat peer=ipv4:10.0.0.1:4711 token=" +
                HashedToken(Secret(kToken)) +
                " principal=\"a\\nb\" traceparent=t");
}

TEST_F(RefusalLogTest, WhatIsNotValidIsNotRepeated) {
  // A token may be in the wrong field.
  const SubscribeRequest request =
      Request(kToken, "ghp_secret\n", "ghp_secret\n");
  EXPECT_EQ(LineOf(&request),
            "stream refused (INVALID_ARGUMENT: user: it is empty): "
            "peer=ipv4:10.0.0.1:4711");
}

TEST_F(RefusalLogTest, TheTokenMayBeInTheMetadataAndTheRequestUnread) {
  const std::string hashed = " token=" + HashedToken(Secret(kToken));
  const SubscribeRequest request = Request("octo/demo", "octocat", "");
  EXPECT_THAT(LineOf(&request, "Bearer ghp_secret"), HasSubstr(hashed));
  EXPECT_THAT(LineOf(nullptr, "Bearer ghp_secret"), HasSubstr(hashed));
  EXPECT_THAT(LineOf(nullptr, "ghp_secret"), Not(HasSubstr("token=")));
  EXPECT_THAT(LineOf(&request), HasSubstr(" token=-")) << "it has none";
  EXPECT_THAT(LineOf(nullptr), Not(HasSubstr("token="))) << "is not known";
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
