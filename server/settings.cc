#include "server/settings.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "lib/base/backoff.h"
#include "lib/base/version.h"

namespace mentiond {
namespace {

// Delays are evenly spread up to two poll intervals in the end: then there are
// as many attempts as polls, however long a failure lasts, and all streams
// recover within two intervals, not at once.
BackoffPolicy RetryPolicy(absl::Duration poll_interval) {
  const absl::Duration cap = std::min(2 * poll_interval, absl::Minutes(2));
  return {.initial = std::min(absl::Seconds(1), cap), .cap = cap};
}

// 0 turns an interval off.
absl::Duration OrInfinite(absl::Duration interval) {
  return interval == absl::ZeroDuration() ? absl::InfiniteDuration() : interval;
}

}  // namespace

GitHubClientOptions GitHubSettings(const ServerOptions& options, int requests,
                                   int loops, Metrics& metrics) {
  GitHubClientOptions github = {
      .api_url = options.github_api,
      .user_agent = absl::StrCat("mentiond/", kVersion),
      .requests_at_once_per_token = options.requests_per_token,
      .requests_per_minute = options.requests_per_minute,
      .requests_at_once = requests / loops,
      .retry = RetryPolicy(options.poll_interval),
      .metrics = &metrics};
  github.cache_bytes /= static_cast<size_t>(loops);
  return github;
}

CurlTransportOptions TransportSettings(const ServerOptions& options,
                                       int requests, int loops) {
  return {.max_idle_connections = requests / loops,
          .ca_file = options.github_ca_file};
}

PollerEnvironment PollerSettings(const ServerOptions& options,
                                 GitHubClient& github, Clock& clock,
                                 Metrics& metrics) {
  return {.github = github,
          .clock = clock,
          .metrics = &metrics,
          .poll_interval = options.poll_interval,
          .keepalive_interval = OrInfinite(options.keepalive_message_interval),
          .max_stream_age = OrInfinite(options.max_stream_age),
          .requests_per_minute = options.requests_per_minute,
          .full_poll_every = options.full_poll_every,
          .full_read_interval = options.full_read_interval};
}

StreamLimits StreamSettings(const ServerOptions& options) {
  return {.max_streams = static_cast<size_t>(options.max_streams),
          .max_per_token = static_cast<size_t>(options.max_streams_per_token),
          .max_per_peer = static_cast<size_t>(options.max_streams_per_peer),
          .slow_reader_timeout = options.slow_reader_timeout,
          .queue = {.bytes = static_cast<size_t>(options.stream_buffer_bytes)}};
}

}  // namespace mentiond
