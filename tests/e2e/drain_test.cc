// How the server ends, and how it ends streams.

#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "tests/e2e/operator_ports.h"
#include "tests/e2e/raw_http2.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

// The tests of this kind are about either signal.
class DrainTest : public testing::TestWithParam<int> {
 protected:
  // With a client that does not read what does not fit into buffers.
  static void AddStalled(ServiceWithPorts& service, RawHttp2& client) {
    FakeRepository& repo = service.github().repo(kRepo);
    const int64_t pull = repo.AddPull("mona", "Hello");
    for (int i = 0; i < 100; ++i) {
      repo.AddIssueComment(pull, "hubot",
                           "@octocat " + std::string(200'000, 'x'));
    }
    client.SendPreface();
    client.SendRequest(Request());
    service.AwaitStalledReaders();
  }
  static void StopUntilNotReady(ServiceWithPorts& service) {
    ASSERT_TRUE(service.server().Signal(GetParam()).ok());
    const absl::Time deadline = Deadline();
    while (Get(service.metrics_url(), "/readyz").status != 503) {
      ASSERT_LT(absl::Now(), deadline);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(By, DrainTest, testing::Values(SIGTERM, SIGINT),
                         [](const auto& signal) {
                           return signal.param == SIGTERM ? "SIGTERM"
                                                          : "SIGINT";
                         });

// Shows: SIGTERM and SIGINT: `UNAVAILABLE`, with a spread return
TEST_P(DrainTest, TellsClientsApartAndDoesNotWaitForConnections) {
  // Given clients, with a connection that they will not close,
  Service service({"--drain_timeout=1h"});
  service.github().repo(kRepo);
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 20; ++i) {
    streams.push_back(service.Subscribe());
    streams.back()->ReadHistory();
  }
  // when the server is told to stop, then each is told to reconnect, at a time
  // of its own,
  ASSERT_TRUE(service.server().Signal(GetParam()).ok());
  std::set<double> delays;
  for (const auto& stream : streams) {
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    const auto retry = DetailOf<google::rpc::RetryInfo>(status);
    ASSERT_TRUE(retry);
    delays.insert(static_cast<double>(retry->retry_delay().seconds()) +
                  retry->retry_delay().nanos() * 1e-9);
  }
  EXPECT_GT(delays.size(), 10U);
  // and it ends well, long before it would have to.
  EXPECT_EQ(service.server().Wait(Deadline()).value(), ExitStatus{.code = 0});
}

// Shows: a second signal ends the server at once
TEST_P(DrainTest, ASecondSignalEndsItAtOnce) {
  ServiceWithPorts service({"--drain_timeout=1h"});
  RawHttp2 client(service.address());
  AddStalled(service, client);
  StopUntilNotReady(service);
  EXPECT_EQ(service.StopServer(GetParam()), (ExitStatus{.signal = GetParam()}));
}

TEST_P(DrainTest, ItIsNotReadyButAliveWhileClientsReadTheirLastEvents) {
  ServiceWithPorts service({"--drain_timeout=2s"});
  RawHttp2 client(service.address());
  AddStalled(service, client);
  // and another client's connection, without a stream,
  const auto other = NewChannel(service.address());
  ASSERT_TRUE(other->WaitForConnected(absl::ToChronoTime(Deadline())));
  // when the server is told to stop, then it waits for the client a while,
  const absl::Time began = absl::Now();
  StopUntilNotReady(service);
  // tells the others at once that they have to connect elsewhere,
  EXPECT_TRUE(other->WaitForStateChange(GRPC_CHANNEL_READY,
                                        absl::ToChronoTime(Deadline())));
  // refuses others,
  EXPECT_TRUE(RawHttp2(service.address()).AwaitClosed(kPatience));
  EXPECT_EQ(Get(service.metrics_url(), "/livez").status, 200);
  // and ends all the same.
  EXPECT_EQ(service.server().Wait(Deadline()).value(), ExitStatus{.code = 0});
  EXPECT_GE(absl::Now() - began, absl::Seconds(2));
}

// Shows: `--max_stream_age`
TEST(MaxAgeTest, AStreamThatIsTooOldEndsAndCanBeResumed) {
  Service service({"--max_stream_age=1s"});
  FakeRepository& repo = service.github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "Hello @octocat");
  mentions::v1::SubscribeRequest request = Request();
  const auto stream = service.Subscribe(request);
  while (const auto event = stream->Next()) {
    request.set_resume_token(event->resume_token());
  }
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "MAX_STREAM_AGE");
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status));
  repo.AddIssueComment(pull, "hubot", "@octocat two");
  const auto mention = service.Subscribe(request)->NextMention();
  ASSERT_TRUE(mention);
  EXPECT_EQ(mention->body(), "@octocat two") << "and not the first one again";
}

}  // namespace
}  // namespace mentiond
