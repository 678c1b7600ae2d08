// Calls that are refused: each is told why, is a line of the log, and counts as
// begun and as ended.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"

#include "lib/base/hashed_token.h"
#include "lib/base/secret.h"
#include "tests/e2e/operator_ports.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The status of a call whose message is these bytes.
grpc::Status Send(const Service& service, const std::string& bytes,
                  grpc_compression_algorithm compression = GRPC_COMPRESS_NONE) {
  grpc::GenericStub stub(NewChannel(service.address()));
  grpc::ClientContext context;
  context.set_compression_algorithm(compression);
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

// The sum of all samples of a metric whose labels contain `label`.
double Sum(const std::string& text, const std::string& name,
           const std::string& label = "") {
  double sum = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    double value = 0;
    if (absl::StartsWith(line, name + "{") && absl::StrContains(line, label) &&
        absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) {
      sum += value;
    }
  }
  return sum;
}

TEST(RefusalsTest, EachIsALineOfTheLogAndAsManyAreHandledAsWereStarted) {
  ServiceWithPorts service({"--max_streams=2"});
  service.github().repo(kRepo);
  const std::string token = "token=" + HashedToken(Secret(kToken));
  const auto line = [&] { return service.WaitForLog("stream refused ("); };
  // Given calls that are refused for what they say; a token that is none is not
  // shown, nor its fingerprint;
  service.Subscribe(kRepo, "-a")->Finish();
  EXPECT_THAT(line(), AllOf(HasSubstr("(INVALID_ARGUMENT: user: "),
                            HasSubstr(": repo=octo/demo peer=ipv4:127.0.0.1:"),
                            HasSubstr(token)));
  service.Subscribe(Request(kRepo, "octocat", "ghp_x\n"))->Finish();
  EXPECT_THAT(line(), AllOf(HasSubstr("(INVALID_ARGUMENT: token: "),
                            HasSubstr(": repo=octo/demo user=octocat peer="),
                            Not(HasSubstr("token=")), Not(HasSubstr("ghp_"))));
  EXPECT_EQ(Send(service, "\xff nonsense").error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(line(), HasSubstr(": peer=ipv4:127.0.0.1:"));
  // by gRPC itself, for how much it is, with what counts as cancelled, or as
  // what could be small but is compressed;
  EXPECT_EQ(Send(service, std::string(2 << 20, 'x')).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(
      Send(service, std::string(10'000, 'x'), GRPC_COMPRESS_GZIP).error_code(),
      grpc::StatusCode::UNIMPLEMENTED);
  // one that fails at GitHub,
  service.Subscribe("octo/gone")->Finish();
  // two that are cancelled when they have read all, beside one too many,
  {
    const auto one = service.Subscribe();
    const auto two = service.Subscribe(kRepo, "mona");
    one->ReadHistory();
    two->ReadHistory();
    EXPECT_EQ(service.Subscribe(kRepo, "hubot")->Finish().error_code(),
              grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(line(),
                AllOf(HasSubstr("(RESOURCE_EXHAUSTED: "),
                      HasSubstr(": repo=octo/demo user=hubot peer=ipv4:127."),
                      HasSubstr(token)));
  }
  // and many that are cancelled at once, or while they are begun.
  for (int i = 0; i < 50; ++i) service.Subscribe();
  for (int i = 0; i < 20; ++i) service.Subscribe()->Next();

  // When all have ended, then they add up.
  const absl::Time deadline = Deadline();
  std::string metrics;
  double started = 0;
  double handled = -1;
  while (started != handled || Sum(metrics, "mentiond_streams") > 0) {
    ASSERT_LT(absl::Now(), deadline) << started << " but " << handled;
    metrics = service.Metrics();
    started = Sum(metrics, "grpc_server_started_total");
    handled = Sum(metrics, "grpc_server_handled_total");
  }
  const auto with = [&](const std::string& code) {
    return Sum(metrics, "grpc_server_handled_total", "\"" + code + "\"");
  };
  EXPECT_GE(started, 6 + 20);
  EXPECT_EQ(with("InvalidArgument"), 3) << "a cancelled call is not one";
  EXPECT_EQ(with("NotFound"), 1);
  EXPECT_GE(with("ResourceExhausted"), 1);
  EXPECT_GE(with("Canceled"), 2);
}

// Shows: `INVALID_ARGUMENT` names the field
TEST(RefusalsTest, OfABadFieldNameIt) {
  Service service;
  const std::pair<const char*, std::function<void(SubscribeRequest&)>> cases[] =
      {{"repo", [](auto& r) { r.set_repo("a/b/c"); }},
       {"user", [](auto& r) { r.set_user(""); }},
       {"token", [](auto& r) { r.set_token("ghp_x\nHost: evil"); }},
       {"resume_token", [](auto& r) { r.set_resume_token("abc"); }},
       {"since", [](auto& r) { r.mutable_since()->set_nanos(-1); }},
       {"sources",
        [](auto& r) { r.add_sources(static_cast<mentions::v1::Source>(99)); }}};
  for (const auto& [field, spoil] : cases) {
    SubscribeRequest request = Request();
    spoil(request);

    const grpc::Status status = service.Subscribe(request)->Finish();

    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(),
                AllOf(testing::StartsWith(absl::StrCat(field, ": ")),
                      Not(HasSubstr("ghp_"))));
    const auto details = DetailOf<google::rpc::BadRequest>(status);
    ASSERT_TRUE(details) << field;
    EXPECT_EQ(details->field_violations(0).field(), field);
  }
  EXPECT_EQ(service.github().stats().requests, 0) << "GitHub hears of none";
}

// Shows: `--max_streams`, also by token and peer
TEST(RefusalsTest, OfMoreStreamsThanThereMayBeUntilOneHasEnded) {
  struct Case {
    const char* flag;
    const char* words;
    bool is_per_token;
  };
  for (const auto& [flag, words, is_per_token] :
       {Case{"--max_streams=2", "streams", false},
        {"--max_streams_per_token=2", "the GitHub token", true},
        {"--max_streams_per_peer=2", "the client's address", false}}) {
    Service service({flag});
    service.github().repo(kRepo);
    auto first = service.Subscribe();
    first->ReadHistory();
    const auto second = service.Subscribe();
    second->ReadHistory();
    const grpc::Status refused = service.Subscribe(kRepo, "mona")->Finish();
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(refused.error_message(), HasSubstr(words));
    // Another token counts by itself.
    EXPECT_EQ(service.Subscribe(Request(kRepo, "mona", "another"))
                  ->Next()
                  .has_value(),
              is_per_token)
        << flag;
    first.reset();
    const absl::Time deadline = Deadline();
    while (!service.Subscribe(kRepo, "mona")->Next()) {
      ASSERT_LT(absl::Now(), deadline) << flag;
    }
  }
}

// Shows: `--max_streams_per_connection`
TEST(RefusalsTest, AConnectionsStreamBeyondItsLimitWaits) {
  ServiceWithPorts service({"--max_streams_per_connection=1"});
  service.github().repo(kRepo);
  const auto channel = NewChannel(service.address());
  auto first = std::make_unique<Stream>(channel, Request(), Deadline());
  first->ReadHistory();
  // The next one waits for the first, as the client has one connection: longer
  // than one on another connection takes,
  Stream waiting(channel, Request(), absl::Now() + absl::Milliseconds(200));
  EXPECT_FALSE(waiting.Next().has_value());
  service.Subscribe()->ReadHistory();
  EXPECT_EQ(Sum(service.Metrics(), "grpc_server_started_total"), 2);
  // and the next begins when that has ended.
  first.reset();
  Stream(channel, Request(), Deadline()).ReadHistory();
}

}  // namespace
}  // namespace mentiond
