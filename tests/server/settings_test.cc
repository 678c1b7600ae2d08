// Each option reaches what it configures.

#include "server/settings.h"

#include <string>

#include "gtest/gtest.h"
#include "prometheus/registry.h"

#include "lib/base/clock.h"
#include "lib/base/version.h"
#include "server/event_loop.h"

namespace mentiond {
namespace {

class SettingsTest : public testing::Test {
 protected:
  ~SettingsTest() override { loop_.Stop(); }

  // No two options of one type have the same value.
  const ServerOptions options_ = {
      .github_api = "https://h/api/v3",
      .poll_interval = absl::Seconds(5),
      .keepalive_message_interval = absl::Seconds(6),
      .max_stream_age = absl::Seconds(7),
      .drain_timeout = absl::Seconds(8),
      .full_poll_every = 9,
      .full_read_interval = absl::Seconds(10),
      .max_streams = 11,
      .max_streams_per_token = 12,
      .max_streams_per_peer = 13,
      .max_streams_per_connection = 14,
      .requests_per_token = 15,
      .requests_per_minute = 16,
      .max_requests = 17,
      .slow_reader_timeout = absl::Seconds(18),
      .dead_client_timeout = absl::Seconds(19),
      .event_loops = 20,
      .stream_buffer_bytes = 21,
      .github_ca_file = "ca.pem"};
  RealClock clock_;
  prometheus::Registry counters_;
  Metrics metrics_{counters_};
  EventLoop loop_{clock_, {}, {}};
};

TEST_F(SettingsTest, OfGitHubAndItsConnections) {
  const GitHubClientOptions github =
      GitHubSettings(options_, /*requests=*/100, /*loops=*/4, metrics_);
  EXPECT_EQ(github.api_url, "https://h/api/v3");
  EXPECT_EQ(github.user_agent, std::string("mentiond/") + kVersion);
  EXPECT_EQ(github.requests_at_once_per_token, 15);
  EXPECT_EQ(github.requests_per_minute, 16);
  EXPECT_EQ(github.requests_at_once, 25);
  EXPECT_EQ(github.cache_bytes, GitHubClientOptions().cache_bytes / 4);
  EXPECT_EQ(github.retry.initial, absl::Seconds(1));
  EXPECT_EQ(github.retry.cap, absl::Seconds(10));
  EXPECT_EQ(github.metrics, &metrics_);
  const auto transport = TransportSettings(options_, 100, 4);
  EXPECT_EQ(transport.max_idle_connections, 25);
  EXPECT_EQ(transport.ca_file, "ca.pem");
  // Retries are no rarer than every two minutes, and fit a short interval.
  for (const auto& [interval, initial, cap] :
       {std::tuple(absl::Hours(1), absl::Seconds(1), absl::Minutes(2)),
        {absl::Milliseconds(200), absl::Milliseconds(400),
         absl::Milliseconds(400)}}) {
    const BackoffPolicy retry =
        GitHubSettings({.poll_interval = interval}, 1, 1, metrics_).retry;
    EXPECT_EQ(retry.initial, initial);
    EXPECT_EQ(retry.cap, cap);
  }
}

TEST_F(SettingsTest, OfPollers) {
  const auto poller =
      PollerSettings(options_, loop_.github(), clock_, metrics_);
  EXPECT_EQ(&poller.github, &loop_.github());
  EXPECT_EQ(&poller.clock, &clock_);
  EXPECT_EQ(poller.metrics, &metrics_);
  EXPECT_EQ(poller.poll_interval, absl::Seconds(5));
  EXPECT_EQ(poller.keepalive_interval, absl::Seconds(6));
  EXPECT_EQ(poller.max_stream_age, absl::Seconds(7));
  EXPECT_EQ(poller.full_poll_every, 9);
  EXPECT_EQ(poller.full_read_interval, absl::Seconds(10));
  EXPECT_EQ(poller.requests_per_minute, 16);
  // 0 is never.
  const auto off =
      PollerSettings({.keepalive_message_interval = absl::ZeroDuration(),
                      .max_stream_age = {}},
                     loop_.github(), clock_, metrics_);
  EXPECT_EQ(off.keepalive_interval, absl::InfiniteDuration());
  EXPECT_EQ(off.max_stream_age, absl::InfiniteDuration());
}

TEST_F(SettingsTest, OfStreams) {
  const StreamLimits limits = StreamSettings(options_);
  EXPECT_EQ(limits.max_streams, 11U);
  EXPECT_EQ(limits.max_per_token, 12U);
  EXPECT_EQ(limits.max_per_peer, 13U);
  EXPECT_EQ(limits.slow_reader_timeout, absl::Seconds(18));
  EXPECT_EQ(limits.queue.bytes, 21U);
}

}  // namespace
}  // namespace mentiond
