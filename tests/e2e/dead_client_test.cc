// A client that is there no more, without having said so. It is found by its
// silence: in 40 seconds if not configured otherwise (see FlagsTest).

#include <csignal>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "tests/e2e/raw_http2.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

class DeadClientTest : public testing::Test {
 protected:
  DeadClientTest() { service_.github().repo(kRepo).AddPull("mona", "Hello"); }

  // A client that is up to date.
  std::unique_ptr<Subprocess> StartClient() {
    auto client = service_.RunClient({"--user=octocat", kRepo});
    EXPECT_TRUE(
        client->WaitForText(Subprocess::Stream::kStderr, "live", Deadline())
            .ok());
    return client;
  }

  // Says nothing by itself.
  Service service_{{"--poll_interval=1h", "--keepalive_message_interval=0",
                    "--dead_client_timeout=2s"}};
};

TEST_F(DeadClientTest, WhoseProcessIsStoppedIsFound) {
  const auto client = StartClient();
  // Only its kernel still takes what comes.
  ASSERT_TRUE(client->Signal(SIGSTOP).ok());
  service_.WaitUntilNoStreamIsOpen();
}

// Shows: a client that disappears without closing its connection is detected
TEST_F(DeadClientTest, WhoseMachineHasVanishedIsFound) {
  RawHttp2 client(service_.address());
  client.SendPreface();
  client.SendRequest(Request());
  service_.WaitForLog(" opened: ");
  client.Vanish();
  service_.WaitUntilNoStreamIsOpen();
}

TEST_F(DeadClientTest, WhoIsQuietAndAliveStays) {
  const auto client = StartClient();
  // In several times that in which nothing is sent either way
  const auto line = service_.server().WaitForLine(
      Subprocess::Stream::kStderr,
      [](std::string_view text) { return Contains(text, "; 0 open"); },
      absl::Now() + absl::Seconds(5));
  EXPECT_EQ(line.status().code(), absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace mentiond
