// Each option reaches what it configures; what the process may do.

#include "server/settings.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>
#include <string>
#include <tuple>

#include "gtest/gtest.h"

#include "lib/base/clock.h"
#include "lib/base/version.h"
#include "server/core_dumps.h"
#include "server/descriptor_limit.h"
#include "server/event_loop.h"

namespace mentiond {
namespace {

// No two options of one type have the same value.
const ServerOptions kSettings = {.github_api = "https://h/api/v3",
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
                                 .slow_reader_timeout = absl::Seconds(18),
                                 .dead_client_timeout = absl::Seconds(19),
                                 .stream_buffer_bytes = 21,
                                 .github_ca_file = "ca.pem"};

TEST(SettingsTest, OfRequestsToGitHub) {
  const GitHubClientOptions github = GitHubSettings(
      kSettings, /*requests=*/100, /*loops=*/4, Metrics::Unused());
  EXPECT_EQ(github.api_url, "https://h/api/v3");
  EXPECT_EQ(github.user_agent, std::string("mentiond/") + kVersion);
  EXPECT_EQ(github.requests_at_once_per_token, 15);
  EXPECT_EQ(github.requests_per_minute, 16);
  EXPECT_EQ(github.requests_at_once, 25);
  EXPECT_EQ(github.cache_bytes, GitHubClientOptions().cache_bytes / 4);
  EXPECT_EQ(github.metrics, &Metrics::Unused());
  const auto transport = TransportSettings(kSettings, 100, 4);
  EXPECT_EQ(transport.max_idle_connections, 25);
  EXPECT_EQ(transport.ca_file, "ca.pem");
  // Waits between attempts fit the interval, and are at most two minutes.
  const absl::Duration second = absl::Seconds(1);
  for (const auto& [interval, initial, cap] :
       {std::tuple(5 * second, second, 10 * second),
        {absl::Hours(1), second, 120 * second},
        {second / 5, second * 2 / 5, second * 2 / 5}}) {
    const BackoffPolicy retry =
        GitHubSettings({.poll_interval = interval}, 1, 1, Metrics::Unused())
            .retry;
    EXPECT_EQ(retry.initial, initial);
    EXPECT_EQ(retry.cap, cap);
  }
}

TEST(SettingsTest, OfPollersAndStreams) {
  RealClock clock;
  EventLoop loop(clock, {}, {});
  const auto poller =
      PollerSettings(kSettings, loop.github(), clock, Metrics::Unused());
  EXPECT_EQ(poller.poll_interval, absl::Seconds(5));
  EXPECT_EQ(poller.keepalive_interval, absl::Seconds(6));
  EXPECT_EQ(poller.max_stream_age, absl::Seconds(7));
  EXPECT_EQ(poller.full_poll_every, 9);
  EXPECT_EQ(poller.full_read_interval, absl::Seconds(10));
  EXPECT_EQ(poller.requests_per_minute, 16);
  // 0 is never.
  const auto off = PollerSettings({.keepalive_message_interval = {}},
                                  loop.github(), clock, Metrics::Unused());
  EXPECT_EQ(off.keepalive_interval, absl::InfiniteDuration());
  EXPECT_EQ(off.max_stream_age, absl::InfiniteDuration());
  const StreamLimits limits = StreamSettings(kSettings);
  EXPECT_EQ(limits.max_streams, 11U);
  EXPECT_EQ(limits.max_per_token, 12U);
  EXPECT_EQ(limits.max_per_peer, 13U);
  EXPECT_EQ(limits.slow_reader_timeout, absl::Seconds(18));
  EXPECT_EQ(limits.queue.bytes, 21U);
}

TEST(DescriptorLimitTest, TheSoftLimitIsRaisedToTheHardOne) {
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max / 2;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(RaiseDescriptorLimit(), limit.rlim_max);
  rlimit after = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, limit.rlim_max);
}

TEST(DescriptorLimitTest, RequestsUseAtMostAQuarterAndClientsLeaveTheRest) {
  const struct {
    uint64_t descriptors;
    int requests;  // of a thousand
    int clients;
  } cases[] = {{1'000'000, 1000, 997'936},
               {4000, 1000, 1936},
               {1024, 256, 448},
               {300, 75, 113},
               {0, 1, 1}};
  for (const auto& [descriptors, requests, clients] : cases) {
    EXPECT_EQ(RequestsWithin(descriptors, 1000), requests) << descriptors;
    EXPECT_EQ(DescriptorsForClients(descriptors, requests), clients)
        << descriptors;
  }
}

// Ends the process with what it may do now: write core dumps, be looked into.
[[noreturn]] void ExitWithRights(bool allowed) {
  ForbidCoreDumpsUnless(allowed);
  rlimit limit = {};
  getrlimit(RLIMIT_CORE, &limit);
  std::_Exit((limit.rlim_max != 0 ? 2 : 0) +
             (prctl(PR_GET_DUMPABLE) != 0 ? 1 : 0));
}

TEST(CoreDumpsDeathTest, AreForbiddenUnlessAnOptionAllowsThem) {
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_CORE, &limit), 0);
  const int all = limit.rlim_max != 0 ? 3 : 1;
  EXPECT_EXIT(ExitWithRights(true), testing::ExitedWithCode(all), "");
  EXPECT_EXIT(ExitWithRights(ServerOptions().allow_core_dumps),
              testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace mentiond
