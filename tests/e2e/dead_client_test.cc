// A client that is there no more, without having said so: its machine has lost
// its power, say. It is found by its silence.

#include <csignal>
#include <iostream>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

TEST(DeadClientTest, IsFoundWithinTheTimeout) {
  // Given a quiet repository, and a client that is up to date
  Service service({"--poll_interval=1h", "--dead_client_timeout=4s"});
  service.github().repo("octo/demo").AddPull("mona", "Hello");
  const auto client = service.RunClient({"--user=octocat", "octo/demo"});
  ASSERT_TRUE(
      client->WaitForText(Subprocess::Stream::kStderr, "live", Deadline())
          .ok());

  // When it stops, so that only its kernel still takes what comes,
  const absl::Time stopped = absl::Now();
  ASSERT_TRUE(client->Signal(SIGSTOP).ok());

  // then the server takes it for gone in time, and its stream with it.
  service.WaitUntilNoStreamIsOpen();
  const absl::Duration took = absl::Now() - stopped;
  std::cout << "found after " << took << "\n";
  EXPECT_LT(took, absl::Seconds(12)) << "on a busy machine, too";
}

TEST(DeadClientTest, AQuietOneThatIsAliveStays) {
  Service service({"--poll_interval=1h", "--dead_client_timeout=1s"});
  FakeRepository& repo = service.github().repo("octo/demo");
  repo.AddPull("mona", "Hello");
  const auto client = service.RunClient({"--user=octocat", "octo/demo"});
  ASSERT_TRUE(
      client->WaitForText(Subprocess::Stream::kStderr, "live", Deadline())
          .ok());
  // Given several times that in which nothing is sent either way
  const absl::Time end = absl::Now() + absl::Seconds(6);
  const auto line = service.server().WaitForLine(
      Subprocess::Stream::kStderr,
      [](std::string_view text) {
        return text.find("; 0 open") != std::string_view::npos;
      },
      end);
  EXPECT_EQ(line.status().code(), absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace mentiond
