// What the options mean to the parts that poll GitHub and serve streams.

#ifndef MENTIOND_SERVER_SETTINGS_H_
#define MENTIOND_SERVER_SETTINGS_H_

#include "lib/base/clock.h"
#include "lib/github/github_client.h"
#include "lib/http/curl_transport.h"
#include "lib/metrics/metrics.h"
#include "lib/stream/poller.h"
#include "lib/stream/registry.h"
#include "server/options.h"

namespace mentiond {

// Of one of `loops` event loops, among which `requests` and the cache are
// divided.
GitHubClientOptions GitHubSettings(const ServerOptions& options, int requests,
                                   int loops, Metrics& metrics);
CurlTransportOptions TransportSettings(const ServerOptions& options,
                                       int requests, int loops);

// What the pollers on a loop share. The parameters but for the options outlive
// it.
PollerEnvironment PollerSettings(const ServerOptions& options,
                                 GitHubClient& github, Clock& clock,
                                 Metrics& metrics);

StreamLimits StreamSettings(const ServerOptions& options);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_SETTINGS_H_
