// Metrics that are read from the server's state at each scrape: gauges, and
// what the operating system knows of the process.

#ifndef MENTIOND_SERVER_SAMPLED_METRICS_H_
#define MENTIOND_SERVER_SAMPLED_METRICS_H_

#include <functional>
#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

#include "lib/github/github_client.h"
#include "lib/stream/registry.h"

namespace mentiond {

class SampledMetrics final : public prometheus::Collectable {
 public:
  // What all event loops that answer are doing for GitHub, together; may wait
  // for them.
  struct GitHubLoad {
    GitHubClient::Load load;
    size_t connections = 0;
    size_t silent_loops = 0;
  };
  using ReadLoad = std::function<GitHubLoad()>;

  // `registry` outlives it.
  SampledMetrics(const StreamRegistry& registry, ReadLoad read_load);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const StreamRegistry& registry_;
  const ReadLoad read_load_;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_SAMPLED_METRICS_H_
