// The operators' ports in trouble, which is when they are needed.

#include "server/operator_ports.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "asio/post.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "prometheus/registry.h"

#include "lib/base/clock.h"
#include "lib/stream/registry.h"
#include "server/event_loop.h"
#include "server/health.h"
#include "server/trusted_host.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Two loops, without streams.
class OperatorPortsTest : public testing::Test {
 protected:
  OperatorPortsTest() {
    const absl::Status started = ports_->Start(
        {.metrics_listen = "127.0.0.1:0", .admin_listen = "127.0.0.1:0"});
    EXPECT_TRUE(started.ok()) << started;
    health_.SetReady(true);
  }
  ~OperatorPortsTest() override {
    absl::Notification closed;
    registry_.Close(absl::UnavailableError("the test is over"),
                    [&] { closed.Notify(); });
    closed.WaitForNotification();
    ports_.reset();
    for (const auto& loop : loops_) loop->Stop();
  }

  std::vector<std::unique_ptr<EventLoop>> StartLoops() {
    std::vector<std::unique_ptr<EventLoop>> loops(2);
    for (auto& loop : loops) {
      loop = std::make_unique<EventLoop>(clock_, CurlTransportOptions{},
                                         GitHubClientOptions{});
    }
    return loops;
  }
  PollerLoop LoopOfPollers(size_t i) {
    return {.executor = loops_[i]->executor(),
            .environment = {.github = loops_[i]->github(), .clock = clock_}};
  }

  static httplib::Response Get(const HttpListener* port,
                               const std::string& path,
                               const std::string& accept = "*/*") {
    httplib::Client client("http://" + port->address());
    client.set_read_timeout(60);
    const auto result = client.Get(path, {{"Accept", accept}});
    return result ? *result : httplib::Response();
  }

  RealClock clock_;
  prometheus::Registry counters_;
  std::vector<std::unique_ptr<EventLoop>> loops_ = StartLoops();
  StreamRegistry registry_{{LoopOfPollers(0), LoopOfPollers(1)}, {}};
  Health health_{clock_, {loops_[0]->executor(), loops_[1]->executor()}};
  std::unique_ptr<OperatorPorts> ports_ = std::make_unique<OperatorPorts>(
      OperatorPorts::Subject{registry_, loops_, counters_, health_, clock_});
};

TEST_F(OperatorPortsTest, AStuckLoopMakesScrapesPoorerAndNoProbeWait) {
  EXPECT_THAT(Get(ports_->metrics(), "/metrics").body,
              HasSubstr("mentiond_silent_event_loops 0\n"));
  EXPECT_THAT(Get(ports_->admin(), "/streams").body,
              Not(HasSubstr("silent_loops")));
  // Given a loop that is stuck, and many who want to know everything,
  absl::Notification go_on;
  asio::post(loops_[1]->executor(), [&] { go_on.WaitForNotification(); });
  std::vector<std::thread> scrapes;
  std::atomic<int> scraped = 0;
  for (int i = 0; i < 20; ++i) {
    scrapes.emplace_back([&] {
      const auto response = Get(ports_->metrics(), "/metrics");
      ++scraped;
      // then they get what the other loop says,
      EXPECT_EQ(response.status, 200);
      EXPECT_THAT(response.body, HasSubstr("mentiond_silent_event_loops 1\n"));
      EXPECT_THAT(response.body, HasSubstr("process_open_fds"));
    });
  }
  // and probes do not wait for that: they are answered before any scrape.
  for (const char* probe : {"/readyz", "/livez", "/livez", "/livez"}) {
    EXPECT_EQ(Get(ports_->metrics(), probe).status, 200) << probe;
  }
  EXPECT_EQ(scraped, 0);
  EXPECT_THAT(Get(ports_->admin(), "/streams").body,
              HasSubstr("\"silent_loops\":1,"));
  EXPECT_THAT(Get(ports_->admin(), "/streams", "text/html").body,
              HasSubstr("event loops that do not answer: 1<"));
  for (std::thread& scrape : scrapes) scrape.join();
  // When it turns again, then nothing is missing.
  go_on.Notify();
  EXPECT_THAT(Get(ports_->metrics(), "/metrics").body,
              HasSubstr("mentiond_silent_event_loops 0\n"));
}

TEST_F(OperatorPortsTest, PagesAreNotForWebPagesOfOtherNames) {
  const std::string url = "http://" + ports_->admin()->address();
  httplib::Client client(url);
  for (const char* path : {"/streams", "/config", "/loglevel"}) {
    EXPECT_EQ(client.Get(path)->status, 200) << path;
    EXPECT_EQ(client.Get(path, {{"Host", "localhost:8080"}})->status, 200)
        << "kubectl port-forward";
    const auto refused = client.Get(path, {{"Host", "evil.example"}});
    EXPECT_EQ(refused->status, 403) << path;
    EXPECT_EQ(refused->body,
              "the host of the URL has to be an IP address, localhost or the "
              "host of --admin_listen\n");
  }
  const httplib::Headers evil = {{"Host", "evil.example"}};
  EXPECT_EQ(client.Post("/loglevel", evil, "error", "text/plain")->status, 403);
  EXPECT_EQ(client.Get("/loglevel")->body, "info\n");
  // Neither which host is meant nor what it would be shown is clear.
  EXPECT_EQ(
      client.Get("/streams", {{"Host", "localhost"}, {"Host", "evil.example"}})
          ->status,
      403);
}

TEST(TrustedHostTest, AddressesAndThePortsOwnNameAndNoOthers) {
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:9091", "10.1.2.3:80", "[::1]", "[::1]:9091",
        "[fe80::1]:1", "localhost", "localhost:9091", "LocalHost:1",
        "mentiond.internal:80", "Mentiond.Internal"}) {
    EXPECT_TRUE(IsTrustedHost(host, "mentiond.internal:9091")) << host;
  }
  // Names can be made to point elsewhere.
  for (const char* host :
       {"", ":", ":9091", "evil.example", "evil.example:9091",
        "localhost.evil.example", "evil.example:localhost", "127.0.0.1.example",
        "127.0.0.1:9091.example", "[::1x", "[::1]evil.example",
        "[evil.example]:1", "::1", "127.1", "2130706433", "localhost:9091:9091",
        "mentiond.example"}) {
    EXPECT_FALSE(IsTrustedHost(host, "mentiond.internal:9091")) << host;
    EXPECT_FALSE(IsTrustedHost(host, "127.0.0.1:9091")) << host;
  }
}

TEST(HealthTest, ALoopThatDoesNotTurnForThirtySecondsIsNotAlive) {
  FakeClock clock;
  asio::io_context good;
  asio::io_context stuck;
  Health health(clock, {good.get_executor(), stuck.get_executor()});
  EXPECT_FALSE(health.ready()) << "not before the server listens";
  // Given two loops, of which one turns no more,
  EXPECT_TRUE(health.IsLive()) << "the first probe";
  for (int seconds = 0; seconds < 30; seconds += 10) {
    EXPECT_TRUE(health.IsLive()) << seconds;
    RunReady(good);
    clock.Advance(absl::Seconds(10));
  }
  EXPECT_FALSE(health.IsLive());
  // when it turns again, then all is well, and so it is long after.
  RunReady(stuck);
  RunReady(good);
  EXPECT_TRUE(health.IsLive());
  RunReady(stuck);
  RunReady(good);
  clock.Advance(absl::Hours(1));
  EXPECT_TRUE(health.IsLive()) << "nobody has asked meanwhile";
}

}  // namespace
}  // namespace mentiond
