// The operators' ports in trouble, which is when they are needed.

#include "server/operator_ports.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
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
    std::vector<std::unique_ptr<EventLoop>> loops;
    for (int i = 0; i < 2; ++i) {
      loops.push_back(std::make_unique<EventLoop>(
          clock_, CurlTransportOptions{}, GitHubClientOptions{}));
    }
    return loops;
  }
  std::vector<PollerLoop> PollerLoops() {
    std::vector<PollerLoop> pollers;
    for (const auto& loop : loops_) {
      pollers.push_back(
          {.executor = loop->executor(),
           .environment = {.github = loop->github(), .clock = clock_}});
    }
    return pollers;
  }
  std::vector<asio::any_io_executor> Executors() {
    return {loops_[0]->executor(), loops_[1]->executor()};
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
  StreamRegistry registry_{PollerLoops(), {}};
  Health health_{clock_, Executors()};
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

}  // namespace
}  // namespace mentiond
