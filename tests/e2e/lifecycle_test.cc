// A stream's poller lives exactly as long as the stream.

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "gtest/gtest.h"

#include "tests/e2e/operator_ports.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

// Descriptors that a program has open.
size_t OpenDescriptors(pid_t pid) {
  const std::filesystem::directory_iterator all(
      absl::StrCat("/proc/", pid, "/fd"));
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

// Shows: a poller lives exactly as long as its stream
TEST(LifecycleTest, APollerIsGoneWithItsClientAndItsRequestIsAborted) {
  // A silent client would be found after an hour,
  ServiceWithPorts service({"--dead_client_timeout=1h"});
  service.github().repo(kRepo);
  for (const bool is_killed : {false, true}) {
    // Given a poller whose request GitHub does not respond to for minutes,
    service.github().ClearLog();
    service.github().AddFault(Fault::Hang("/issues", absl::Minutes(10)));
    const auto client = service.RunClient({"--user=octocat", kRepo});
    service.AwaitRest("mentiond_github_requests_in_progress");

    // when its client cancels or is killed,
    ASSERT_TRUE(client->Signal(is_killed ? SIGKILL : SIGINT).ok());

    // then the poller is gone and GitHub sees the connection close.
    EXPECT_TRUE(Contains(service.WaitUntilNoStreamIsOpen(), "CANCELLED"));
    const auto is_gone = [](const auto& request) {
      return request.client_gone;
    };
    EXPECT_TRUE(service.github().WaitForRequests(is_gone, 1, kPatience).ok());
  }
}

TEST(LifecycleTest, AHundredRoundsLeaveNothingBehind) {
  Service service;
  service.github().repo(kRepo).AddPull("mona", "Hello @octocat");
  // Connections to GitHub are kept, so the first round opens them.
  const auto round = [&] {
    const auto stream = service.Subscribe();
    EXPECT_EQ(stream->ReadHistory().size(), 1);
    stream->Cancel();
    service.WaitUntilNoStreamIsOpen();
  };
  round();
  const size_t before = OpenDescriptors(service.server().pid());
  for (int i = 0; i < 100; ++i) round();
  EXPECT_LE(OpenDescriptors(service.server().pid()), before);
}

// Also where there is no grpcurl.
TEST(LifecycleTest, TheServerSaysThatItServesAndWhat) {
  Service service;
  const auto channel = NewChannel(service.address());
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckResponse health;
  ASSERT_TRUE(grpc::health::v1::Health::NewStub(channel)
                  ->Check(&context, {}, &health)
                  .ok());
  EXPECT_EQ(health.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  for (const char* name :
       {"mentions.v1.MentionService", "grpc.health.v1.Health"}) {
    grpc::ClientContext reflection;
    const auto call =
        grpc::reflection::v1alpha::ServerReflection::NewStub(channel)
            ->ServerReflectionInfo(&reflection);
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
