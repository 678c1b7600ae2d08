// Calls that are refused: each is a line of the log, and counts as begun and as
// ended.

#include <functional>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "httplib.h"

#include "lib/base/hashed_token.h"
#include "lib/base/secret.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;
using ::testing::HasSubstr;
using ::testing::Not;

class RefusalsTest : public testing::Test {
 protected:
  RefusalsTest()
      : service_({"--poll_interval=100ms", "--metrics_listen=127.0.0.1:0",
                  "--max_streams=2"}) {
    const std::string line = NextLine("metrics at ");
    const size_t begin = line.find("http://");
    metrics_ = line.substr(begin, line.rfind('/') - begin);
    service_.github().repo(kRepo).AddPull("mona", "Hello @octocat");
  }

  std::string NextLine(const std::string& words) {
    const auto line = service_.server().WaitForLine(
        Subprocess::Stream::kStderr,
        [&](std::string_view text) {
          return text.find(words) != std::string_view::npos;
        },
        Deadline());
    EXPECT_TRUE(line.ok()) << line.status();
    return line.value_or("");
  }
  static SubscribeRequest Request(
      const std::function<void(SubscribeRequest&)>& change = [](auto&) {}) {
    SubscribeRequest request;
    request.set_repo(kRepo);
    request.set_user("octocat");
    request.set_token(kToken);
    change(request);
    return request;
  }
  // The status of a call whose message is these bytes.
  grpc::Status Send(const std::string& bytes) {
    grpc::GenericStub stub(grpc::CreateChannel(
        service_.address(), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    const grpc::Slice slice(bytes);
    grpc::ByteBuffer request(&slice, 1);
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareUnaryCall(
        &context, "/mentions.v1.MentionService/Subscribe", request, &queue);
    call->StartCall();
    grpc::ByteBuffer response;
    grpc::Status status;
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
  }
  std::string Metrics() {
    const auto result = httplib::Client(metrics_).Get("/metrics");
    return result ? result->body : "";
  }
  // The sum of all samples of a metric whose labels contain `label`.
  static double Sum(const std::string& text, const std::string& name,
                    const std::string& label = "") {
    double sum = 0;
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      if (!absl::StartsWith(line, name + "{") ||
          !absl::StrContains(line, label)) {
        continue;
      }
      double value = 0;
      EXPECT_TRUE(absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value));
      sum += value;
    }
    return sum;
  }

  Service service_;
  std::string metrics_;
};

TEST_F(RefusalsTest, EachIsALineOfTheLog) {
  const std::string token = "token=" + HashedToken(Secret(kToken));

  service_.Subscribe(Request([](auto& r) { r.set_user("-a"); }))->Finish();
  std::string line = NextLine("stream refused (");
  EXPECT_THAT(line, HasSubstr("(INVALID_ARGUMENT: user: "));
  EXPECT_THAT(line, HasSubstr(": repo=octo/demo peer=ipv4:127.0.0.1:"));
  EXPECT_THAT(line, HasSubstr(token));

  // A token that is none is not shown, nor its fingerprint.
  service_.Subscribe(Request([](auto& r) { r.set_token("ghp_x\n"); }))
      ->Finish();
  line = NextLine("stream refused (");
  EXPECT_THAT(line, HasSubstr("(INVALID_ARGUMENT: token: "));
  EXPECT_THAT(line, HasSubstr(": repo=octo/demo user=octocat peer="));
  EXPECT_THAT(line, Not(HasSubstr("token=")));
  EXPECT_THAT(line, Not(HasSubstr("ghp_")));

  EXPECT_EQ(Send("\xff nonsense").error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  line = NextLine("stream refused (");
  EXPECT_THAT(line, HasSubstr(": peer=ipv4:127.0.0.1:"));

  // Given as many streams as there may be, a third one is too many.
  const auto one = service_.Subscribe(kRepo, "octocat");
  const auto two = service_.Subscribe(kRepo, "mona");
  one->ReadHistory();
  two->ReadHistory();
  EXPECT_EQ(service_.Subscribe(kRepo, "hubot")->Finish().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  line = NextLine("stream refused (");
  EXPECT_THAT(line, HasSubstr("(RESOURCE_EXHAUSTED: "));
  EXPECT_THAT(line, HasSubstr(": repo=octo/demo user=hubot peer=ipv4:127."));
  EXPECT_THAT(line, HasSubstr(token));
}

TEST_F(RefusalsTest, WhateverBecomesOfCallsAsManyAreHandledAsWereStarted) {
  // Given calls that are refused for what they say,
  service_.Subscribe(Request([](auto& r) { r.set_user("-a"); }))->Finish();
  Send("\xff nonsense");
  // or for how much it is, by gRPC itself, with what counts as cancelled;
  EXPECT_EQ(Send(std::string(2 << 20, 'x')).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  // one that fails at GitHub,
  service_.github().AddFault(Fault::Answer("/octo/gone/", 404, "{}"));
  service_.Subscribe("octo/gone", "octocat")->Finish();
  // two that are cancelled when they have read all, beside one too many,
  {
    const auto one = service_.Subscribe(kRepo, "octocat");
    const auto two = service_.Subscribe(kRepo, "mona");
    one->ReadHistory();
    two->ReadHistory();
    EXPECT_EQ(service_.Subscribe(kRepo, "hubot")->Finish().error_code(),
              grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
  // and many that are cancelled at once, or while they are begun.
  for (int i = 0; i < 50; ++i) service_.Subscribe(kRepo, "octocat");
  for (int i = 0; i < 20; ++i) service_.Subscribe(kRepo, "octocat")->Next();

  // When all have ended, then they add up.
  const absl::Time deadline = Deadline();
  while (true) {
    const std::string metrics = Metrics();
    const double started = Sum(metrics, "grpc_server_started_total");
    const double handled = Sum(metrics, "grpc_server_handled_total");
    if (started == handled && Sum(metrics, "mentiond_streams") == 0) break;
    ASSERT_LT(absl::Now(), deadline)
        << started << " started, " << handled << " handled";
  }
  const std::string metrics = Metrics();
  const auto handled = [&](const std::string& code) {
    return Sum(metrics, "grpc_server_handled_total", "\"" + code + "\"");
  };
  EXPECT_GE(Sum(metrics, "grpc_server_started_total"), 6 + 20);
  EXPECT_EQ(handled("InvalidArgument"), 2) << "a cancelled call is not one";
  EXPECT_EQ(handled("NotFound"), 1);
  EXPECT_GE(handled("ResourceExhausted"), 1);
  EXPECT_GE(handled("Canceled"), 2);
}

}  // namespace
}  // namespace mentiond
