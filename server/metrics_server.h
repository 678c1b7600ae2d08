// GET /metrics, /livez and /readyz, for Prometheus and for probes: nothing
// about single streams, and no secrets.

#ifndef MENTIOND_SERVER_METRICS_SERVER_H_
#define MENTIOND_SERVER_METRICS_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "prometheus/collectable.h"

#include "server/health.h"
#include "server/http_listener.h"

namespace mentiond {

// `sources` and `health` outlive the listener, and so does what they refer to.
// Errors are HttpListener::Start's.
absl::StatusOr<std::unique_ptr<HttpListener>> StartMetricsServer(
    const std::string& listen,
    std::vector<const prometheus::Collectable*> sources, Health& health);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_METRICS_SERVER_H_
