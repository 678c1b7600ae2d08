// A stream's poller lives exactly as long as the stream.

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

std::shared_ptr<grpc::Channel> ChannelTo(const Service& service) {
  return grpc::CreateChannel(service.address(),
                             grpc::InsecureChannelCredentials());
}

TEST(LifecycleTest, EachStreamHasAnIdOfItsOwn) {
  Service service;
  service.github().repo(kRepo);
  const auto one = service.Subscribe(kRepo, "octocat");
  const auto other = service.Subscribe(kRepo, "octocat");
  EXPECT_EQ(one->Id().size(), 32);
  EXPECT_NE(one->Id(), other->Id());
}

TEST(LifecycleTest, TokensAreServedByOneEventLoopOrByTwo) {
  for (const char* loops : {"--event_loops=1", "--event_loops=2"}) {
    // Given streams of twenty tokens
    Service service({"--poll_interval=100ms", loops});
    FakeRepository& repo = service.github().repo(kRepo);
    const int64_t pull = repo.AddPull("mona", "Hello @octocat");
    std::vector<std::unique_ptr<Stream>> streams;
    for (int i = 0; i < 20; ++i) {
      mentions::v1::SubscribeRequest request;
      request.set_repo(kRepo);
      request.set_user("octocat");
      request.set_token(absl::StrCat("ghp_", i));
      streams.push_back(service.Subscribe(request));
      EXPECT_EQ(streams.back()->ReadHistory().size(), 1) << loops;
    }

    // when half of them are cancelled and a comment comes
    streams.resize(10);
    const int64_t comment = repo.AddIssueComment(pull, "hubot", "@octocat now");

    // then the others get it.
    for (const auto& stream : streams) {
      const auto mention = stream->NextMention();
      ASSERT_TRUE(mention.has_value()) << loops;
      EXPECT_EQ(mention->id(), comment);
    }
  }
}

TEST(LifecycleTest, CancelEndsThePollerAndAbortsItsRequestAtOnce) {
  Service service;
  service.github().repo(kRepo);
  std::vector<absl::Duration> waits;
  for (int round = 1; round <= 9; ++round) {
    // Given a poller whose request GitHub does not respond to
    absl::Notification asked;
    service.github().ClearLog();
    service.github().AddFault(Fault::Hang("/issues", absl::Minutes(10)));
    service.github().OnRequest([&asked](const RequestRecord&) {
      if (!asked.HasBeenNotified()) asked.Notify();
    });
    const auto stream = service.Subscribe(kRepo, "octocat");
    ASSERT_TRUE(asked.WaitForNotificationWithTimeout(kPatience));

    // When its client cancels
    const absl::Time cancelled = absl::Now();
    stream->Cancel();

    // Then the poller is gone and GitHub sees the connection close.
    service.WaitUntilNoStreamIsOpen();
    waits.push_back(absl::Now() - cancelled);
    EXPECT_TRUE(service.github()
                    .WaitForRequests(
                        [](const RequestRecord& request) {
                          return request.client_gone;
                        },
                        1, kPatience)
                    .ok());
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  // The median, as the machine may be busy with something else at times.
  std::sort(waits.begin(), waits.end());
  EXPECT_LT(waits[waits.size() / 2], absl::Milliseconds(100));
  std::cout << "cancelled pollers were gone after " << waits.front() << " to "
            << waits.back() << ", median " << waits[waits.size() / 2] << "\n";
}

TEST(LifecycleTest, AKilledClientsPollerGoesToo) {
  Service service;
  service.github().repo(kRepo);
  const auto client = service.RunClient({"--user=octocat", kRepo});
  ASSERT_TRUE(service.github().WaitForRequests("/issues", 1, kPatience).ok());
  const absl::Time killed = absl::Now();
  ASSERT_TRUE(client->Signal(SIGKILL).ok());
  service.WaitUntilNoStreamIsOpen();
  const absl::Duration wait = absl::Now() - killed;
  EXPECT_LT(wait, absl::Seconds(2)) << "its machine says that it is gone";
  std::cout << "a killed client's poller was gone after " << wait << "\n";
}

TEST(LifecycleTest, TwoHundredRoundsLeaveNothingBehind) {
  Service service;
  const int64_t pull =
      service.github().repo(kRepo).AddPull("mona", "Hello @octocat");
  ASSERT_GT(pull, 0);
  // Connections to GitHub are kept, so the first round opens them.
  const auto round = [&] {
    const auto stream = service.Subscribe(kRepo, "octocat");
    EXPECT_EQ(stream->ReadHistory().size(), 1);
    stream->Cancel();
    service.WaitUntilNoStreamIsOpen();
  };
  round();
  const size_t before = service.OpenDescriptors();
  for (int i = 0; i < 200; ++i) round();
  EXPECT_LE(service.OpenDescriptors(), before);
}

TEST(LifecycleTest, OnePollersFailureEndsItsStreamOnly) {
  // Given two streams, one on a repository that will vanish
  Service service;
  FakeRepository& healthy = service.github().repo("octo/healthy");
  const int64_t pull = healthy.AddPull("mona", "Hello");
  service.github().repo("octo/doomed");
  const auto other = service.Subscribe("octo/healthy", "octocat");
  const auto doomed = service.Subscribe("octo/doomed", "octocat");
  other->ReadHistory();
  doomed->ReadHistory();

  // When GitHub does not know the one any more
  Fault gone =
      Fault::Answer("/octo/doomed/", 404, R"({"message":"Not Found"})");
  gone.times = std::nullopt;
  service.github().AddFault(gone);

  // Then its stream ends with the reason, and the other continues.
  const grpc::Status status = doomed->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(absl::StrContains(status.error_message(), "Not Found"))
      << status.error_message();
  healthy.AddIssueComment(pull, "hubot", "@octocat still here");
  const auto mention = other->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->body(), "@octocat still here");
}

TEST(LifecycleTest, StopsInOrderWhileStreamsAreOpen) {
  // Given a server with an open stream
  Service service;
  service.github().repo(kRepo);
  const auto stream = service.Subscribe(kRepo, "octocat");
  stream->ReadHistory();

  // When it is told to stop, then the stream is told to reconnect elsewhere
  ASSERT_TRUE(service.server().Signal(SIGTERM).ok());
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);

  // and the program ends by itself, well.
  const auto exit = service.server().Wait(Deadline());
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_EQ(exit->code, 0);
}

TEST(LifecycleTest, RefusesMoreStreamsThanItMayHave) {
  Service service({"--max_streams=1"});
  service.github().repo(kRepo);
  const auto first = service.Subscribe(kRepo, "octocat");
  first->ReadHistory();
  EXPECT_EQ(service.Subscribe(kRepo, "octocat")->Finish().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  first->Cancel();
  service.WaitUntilNoStreamIsOpen();
  service.Subscribe(kRepo, "octocat")->ReadHistory();
}

TEST(LifecycleTest, RefusesMoreStreamsOfATokenOrAPeerThanItMayHave) {
  for (const auto& [flag, words] :
       {std::pair("--max_streams_per_token=2", "the GitHub token"),
        {"--max_streams_per_peer=2", "the client's address"}}) {
    Service service({flag});
    service.github().repo(kRepo);
    auto first = service.Subscribe(kRepo, "octocat");
    first->ReadHistory();
    const auto second = service.Subscribe(kRepo, "octocat");
    second->ReadHistory();
    const grpc::Status refused = service.Subscribe(kRepo, "mona")->Finish();
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_TRUE(absl::StrContains(refused.error_message(), words))
        << refused.error_message();
    // Another token counts by itself.
    mentions::v1::SubscribeRequest request;
    request.set_repo(kRepo);
    request.set_user("mona");
    request.set_token("another");
    const bool per_token = absl::StrContains(flag, "token");
    const auto other = service.Subscribe(request);
    EXPECT_EQ(other->Next().has_value(), per_token);
    // There is room again when one has ended.
    first.reset();
    const absl::Time deadline = Deadline();
    while (!service.Subscribe(kRepo, "mona")->Next()) {
      ASSERT_LT(absl::Now(), deadline);
    }
  }
}

TEST(LifecycleTest, LimitsTheStreamsOfAConnection) {
  Service service({"--max_streams_per_connection=1"});
  service.github().repo(kRepo);
  const auto channel = ChannelTo(service);
  mentions::v1::SubscribeRequest request;
  request.set_repo(kRepo);
  request.set_user("octocat");
  request.set_token(kToken);
  auto first = std::make_unique<Stream>(channel, request, Deadline());
  first->ReadHistory();
  // The next one waits for the first, as the client has one connection,
  Stream waiting(channel, request, absl::Now() + absl::Seconds(1));
  EXPECT_FALSE(waiting.Next().has_value());
  // and begins when that has ended.
  first.reset();
  Stream(channel, request, Deadline()).ReadHistory();
}

TEST(LifecycleTest, RefusesLargeAndCompressedRequests) {
  Service service;
  const std::string huge(2 << 20, 'x');
  EXPECT_EQ(service.Subscribe(kRepo, huge)->Finish().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto stub = mentions::v1::MentionService::NewStub(ChannelTo(service));
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  mentions::v1::SubscribeRequest request;
  request.set_repo(kRepo);
  request.set_user(std::string(10'000, 'x'));
  const auto reader = stub->Subscribe(&context, request);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST(LifecycleTest, RefusesAMalformedRequestInWords) {
  Service service;
  const grpc::Status status =
      service.Subscribe("octo/demo/x", "octocat")->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(absl::StartsWith(status.error_message(), "repo: "))
      << status.error_message();
}

TEST(LifecycleTest, RespondsToHealthChecks) {
  Service service;
  const auto stub = grpc::health::v1::Health::NewStub(ChannelTo(service));
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckResponse response;
  ASSERT_TRUE(stub->Check(&context, {}, &response).ok());
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
}

TEST(LifecycleTest, DescribesItselfByReflection) {
  Service service;
  const auto stub =
      grpc::reflection::v1alpha::ServerReflection::NewStub(ChannelTo(service));
  for (const char* name :
       {"mentions.v1.MentionService", "grpc.health.v1.Health"}) {
    grpc::ClientContext context;
    const auto call = stub->ServerReflectionInfo(&context);
    grpc::reflection::v1alpha::ServerReflectionRequest request;
    request.set_file_containing_symbol(name);
    ASSERT_TRUE(call->Write(request));
    grpc::reflection::v1alpha::ServerReflectionResponse response;
    ASSERT_TRUE(call->Read(&response));
    EXPECT_TRUE(response.has_file_descriptor_response()) << name;
    call->WritesDone();
    EXPECT_TRUE(call->Finish().ok());
  }
}

}  // namespace
}  // namespace mentiond
