// The real grpcurl, as people use it.

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"
#include "tests/find_program.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class GrpcurlTest : public testing::Test {
 protected:
  void SetUp() override {
    grpcurl_ = FindProgram("grpcurl", {"/usr/local/bin", "/root/go/bin"});
    if (grpcurl_.empty()) GTEST_SKIP() << "grpcurl is not installed";
    service_.github().repo("octo/demo").AddPull("mona", "Hello @octocat");
  }

  std::unique_ptr<Subprocess> Start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {grpcurl_, "-plaintext"});
    auto started = Subprocess::Start(arguments);
    EXPECT_TRUE(started.ok()) << started.status();
    return *std::move(started);
  }
  // What it prints, of both.
  std::string Run(const std::vector<std::string>& arguments) {
    const auto process = Start(arguments);
    process->Wait(Deadline()).IgnoreError();
    return process->ReadAll(Subprocess::Stream::kStdout, Deadline()).value() +
           process->ReadAll(Subprocess::Stream::kStderr, Deadline()).value();
  }

  std::string grpcurl_;
  Service service_;
};

TEST_F(GrpcurlTest, ListsAndDescribes) {
  const std::string services = Run({service_.address(), "list"});
  for (const char* name :
       {"mentions.v1.MentionService", "grpc.health.v1.Health",
        "grpc.channelz.v1.Channelz"}) {
    EXPECT_THAT(services, HasSubstr(name));
  }
  EXPECT_THAT(
      Run({service_.address(), "describe", "mentions.v1.SubscribeRequest"}),
      HasSubstr("string repo = 1;"));
}

TEST_F(GrpcurlTest, ChecksHealth) {
  for (const char* request :
       {"{}", R"({"service": "mentions.v1.MentionService"})"}) {
    EXPECT_THAT(
        Run({"-d", request, service_.address(), "grpc.health.v1.Health/Check"}),
        HasSubstr("SERVING"));
  }
  EXPECT_THAT(Run({"-d", R"({"service": "other"})", service_.address(),
                   "grpc.health.v1.Health/Check"}),
              HasSubstr("NotFound"));
}

TEST_F(GrpcurlTest, WatchesHealthUntilTheServerDrains) {
  const auto watch =
      Start({"-d", R"({"service": "mentions.v1.MentionService"})",
             service_.address(), "grpc.health.v1.Health/Watch"});
  ASSERT_TRUE(
      watch->WaitForText(Subprocess::Stream::kStdout, "\"SERVING\"", Deadline())
          .ok());
  ASSERT_TRUE(service_.server().Signal(SIGTERM).ok());
  EXPECT_TRUE(
      watch->WaitForText(Subprocess::Stream::kStdout, "NOT_SERVING", Deadline())
          .ok());
}

TEST_F(GrpcurlTest, SubscribesAndShowsTheStreamsId) {
  const auto stream =
      Start({"-v", "-H", absl::StrCat("authorization: Bearer ", kToken), "-d",
             R"({"repo": "octo/demo", "user": "octocat"})", service_.address(),
             "mentions.v1.MentionService/Subscribe"});
  const auto text = stream->WaitForText(Subprocess::Stream::kStdout,
                                        "Hello @octocat", Deadline());
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(*text, HasSubstr("x-stream-id: "));
}

// As where reflection is not to be had.
TEST_F(GrpcurlTest, NeedsNoReflectionWithTheProtoset) {
  const std::vector<std::string> protoset = {"-protoset",
                                             "proto/mentions.protoset"};
  const auto with = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), protoset.begin(), protoset.end());
    return arguments;
  };
  // Without a server
  EXPECT_THAT(Run(with({"list"})), HasSubstr("mentions.v1.MentionService"));
  EXPECT_THAT(Run(with({"describe", "mentions.v1.SubscribeRequest"})),
              HasSubstr("string repo = 1;"));

  // Calls and their events
  const auto stream =
      Start(with({"-H", absl::StrCat("authorization: Bearer ", kToken), "-d",
                  R"({"repo": "octo/demo", "user": "octocat"})",
                  service_.address(), "mentions.v1.MentionService/Subscribe"}));
  const auto text = stream->WaitForText(Subprocess::Stream::kStdout,
                                        "Hello @octocat", Deadline());
  EXPECT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(Run(with({service_.address(), "grpc.health.v1.Health/Check"})),
              HasSubstr("SERVING"));

  // and errors with their details.
  EXPECT_THAT(
      Run(with({"-d", R"({"repo": "octo", "user": "octocat"})",
                service_.address(), "mentions.v1.MentionService/Subscribe"})),
      HasSubstr("\"field\": \"repo\""));
}

TEST_F(GrpcurlTest, ErrorsHaveDetailsForPeopleAndPrograms) {
  const std::string error =
      Run({"-d", R"({"repo": "octo", "user": "octocat"})", service_.address(),
           "mentions.v1.MentionService/Subscribe"});
  EXPECT_THAT(error, HasSubstr("InvalidArgument"));
  EXPECT_THAT(error, HasSubstr("repo: "));
}

TEST_F(GrpcurlTest, ChannelzShowsConnectionsAndNoToken) {
  const auto stream = service_.Subscribe("octo/demo", "octocat");
  stream->ReadHistory();
  const std::string servers =
      Run({service_.address(), "grpc.channelz.v1.Channelz/GetServers"});
  EXPECT_THAT(servers, testing::ContainsRegex("calls_?[sS]tarted"));
  EXPECT_THAT(servers, Not(HasSubstr(kToken)));
}

}  // namespace
}  // namespace mentiond
