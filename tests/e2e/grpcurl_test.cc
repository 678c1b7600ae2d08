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

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSubscribe[] = "mentions.v1.MentionService/Subscribe";

class GrpcurlTest : public testing::Test {
 protected:
  void SetUp() override {
    grpcurl_ = FindProgram("grpcurl", {"/usr/local/bin", "/root/go/bin"});
    if (grpcurl_.empty()) GTEST_SKIP() << "grpcurl is not installed";
    service_.github().repo(kRepo).AddPull("mona", "Hello @octocat");
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

// Shows: grpcurl, by reflection
TEST_F(GrpcurlTest, ListsDescribesAndSubscribes) {
  EXPECT_THAT(Run({service_.address(), "list"}),
              HasSubstr("grpc.channelz.v1.Channelz"));
  // By reflection, or where that is not to be had with the protoset, without
  // the server where it is not about calls.
  using Arguments = std::vector<std::string>;
  for (const bool by_reflection : {true, false}) {
    const auto with = [&](Arguments flags, const Arguments& more, bool calls) {
      if (!by_reflection) {
        flags.insert(flags.end(), {"-protoset", "proto/mentions.protoset"});
      }
      if (by_reflection || calls) flags.push_back(service_.address());
      flags.insert(flags.end(), more.begin(), more.end());
      return flags;
    };
    EXPECT_THAT(Run(with({}, {"list"}, false)),
                AllOf(HasSubstr("mentions.v1.MentionService"),
                      HasSubstr("grpc.health.v1.Health")));
    EXPECT_THAT(
        Run(with({}, {"describe", "mentions.v1.SubscribeRequest"}, false)),
        HasSubstr("string repo = 1;"));
    const auto stream =
        Start(with({"-v", "-H", absl::StrCat("authorization: Bearer ", kToken),
                    "-d", R"({"repo": "octo/demo", "user": "octocat"})"},
                   {kSubscribe}, true));
    const auto text = stream->WaitForText(Subprocess::Stream::kStdout,
                                          "Hello @octocat", Deadline());
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_THAT(*text, HasSubstr("x-stream-id: "));
    EXPECT_THAT(Run(with({"-d", R"({"repo": "octo", "user": "octocat"})"},
                         {kSubscribe}, true)),
                AllOf(HasSubstr("InvalidArgument"), HasSubstr("repo: "),
                      HasSubstr(by_reflection ? "" : "\"field\": \"repo\"")));
  }
}

TEST_F(GrpcurlTest, ChecksHealthAndWatchesItUntilTheServerDrains) {
  const auto check = [&](const char* request) {
    return Run(
        {"-d", request, service_.address(), "grpc.health.v1.Health/Check"});
  };
  constexpr char kService[] = R"({"service": "mentions.v1.MentionService"})";
  EXPECT_THAT(check("{}"), HasSubstr("\"SERVING\""));
  EXPECT_THAT(check(kService), HasSubstr("\"SERVING\""));
  EXPECT_THAT(check(R"({"service": "other"})"), HasSubstr("NotFound"));
  const auto watch = Start(
      {"-d", kService, service_.address(), "grpc.health.v1.Health/Watch"});
  ASSERT_TRUE(
      watch->WaitForText(Subprocess::Stream::kStdout, "\"SERVING\"", Deadline())
          .ok());
  ASSERT_TRUE(service_.server().Signal(SIGTERM).ok());
  EXPECT_TRUE(
      watch->WaitForText(Subprocess::Stream::kStdout, "NOT_SERVING", Deadline())
          .ok());
}

TEST_F(GrpcurlTest, ChannelzShowsConnectionsAndNoToken) {
  const auto stream = service_.Subscribe();
  stream->ReadHistory();
  const std::string servers =
      Run({service_.address(), "grpc.channelz.v1.Channelz/GetServers"});
  EXPECT_THAT(servers, testing::ContainsRegex("calls_?[sS]tarted"));
  EXPECT_THAT(servers, Not(HasSubstr(kToken)));
}

}  // namespace
}  // namespace mentiond
