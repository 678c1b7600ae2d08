// The ports besides gRPC's: metrics and probes, pages for operators, webhooks.

#ifndef MENTIOND_SERVER_OPERATOR_PORTS_H_
#define MENTIOND_SERVER_OPERATOR_PORTS_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "prometheus/registry.h"

#include "lib/base/clock.h"
#include "lib/stream/registry.h"
#include "server/event_loop.h"
#include "server/health.h"
#include "server/http_listener.h"
#include "server/options.h"
#include "server/sampled_metrics.h"
#include "server/webhook_server.h"

namespace mentiond {

class OperatorPorts {
 public:
  // What the ports show; all of it outlives them.
  struct Subject {
    StreamRegistry& registry;
    const std::vector<std::unique_ptr<EventLoop>>& loops;
    const prometheus::Registry& counters;
    Health& health;
    const Clock& clock;
  };

  explicit OperatorPorts(Subject subject);
  // Waits for requests that are being answered.
  ~OperatorPorts();
  OperatorPorts(const OperatorPorts&) = delete;
  OperatorPorts& operator=(const OperatorPorts&) = delete;

  // Serves those that the options ask for. Errors: what is wrong with an
  // option, or an address that cannot be bound.
  absl::Status Start(const ServerOptions& options);

  // Null where nothing is served.
  const HttpListener* metrics() const { return metrics_.get(); }
  const HttpListener* admin() const { return admin_.get(); }

 private:
  absl::Status StartWebhooks(const ServerOptions& options);

  const Subject subject_;
  const SampledMetrics sampled_;
  std::unique_ptr<HttpListener> metrics_;
  std::unique_ptr<HttpListener> admin_;
  std::unique_ptr<WebhookServer> webhooks_;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_OPERATOR_PORTS_H_
