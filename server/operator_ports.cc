#include "server/operator_ports.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "asio/any_io_executor.hpp"
#include "glog/logging.h"

#include "lib/base/ask_loops.h"
#include "lib/base/secret.h"
#include "server/admin_server.h"
#include "server/listen_address.h"
#include "server/metrics_server.h"

namespace mentiond {
namespace {

SampledMetrics::GitHubLoad LoadOf(
    const std::vector<std::unique_ptr<EventLoop>>& loops) {
  std::vector<asio::any_io_executor> executors;
  for (const std::unique_ptr<EventLoop>& loop : loops) {
    executors.push_back(loop->executor());
  }
  const auto [parts, silent] = AskLoops<EventLoop::Load>(
      executors, [&loops](size_t i) { return loops[i]->load(); });
  SampledMetrics::GitHubLoad all = {.silent_loops = silent};
  for (const EventLoop::Load& one : parts) {
    all.connections += one.connections;
    all.load.in_progress += one.github.in_progress;
    all.load.waiting += one.github.waiting;
    for (size_t api = 0; api < all.load.tokens_by_quota.size(); ++api) {
      auto& tenths = all.load.tokens_by_quota[api];
      for (size_t i = 0; i < tenths.size(); ++i) {
        tenths[i] += one.github.tokens_by_quota[api][i];
      }
    }
  }
  return all;
}

}  // namespace

OperatorPorts::OperatorPorts(Subject subject)
    : subject_(subject), sampled_(subject.registry, [&loops = subject.loops] {
        return LoadOf(loops);
      }) {}

OperatorPorts::~OperatorPorts() = default;

absl::Status OperatorPorts::Start(const ServerOptions& options) {
  if (!options.metrics_listen.empty()) {
    auto started =
        StartMetricsServer(options.metrics_listen,
                           {&subject_.counters, &sampled_}, subject_.health);
    if (!started.ok()) return started.status();
    metrics_ = *std::move(started);
    LOG(INFO) << "metrics at http://" << metrics_->address() << "/metrics";
  }
  if (!options.admin_listen.empty()) {
    // Nobody else on the network should see who watches what.
    if (!options.allow_remote_admin && !IsLoopback(options.admin_listen)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--admin_listen=", options.admin_listen,
          " is not a loopback address; --allow_remote_admin allows it"));
    }
    auto started = StartAdminServer(options.admin_listen, subject_.registry,
                                    subject_.clock, options.settings);
    if (!started.ok()) return started.status();
    admin_ = *std::move(started);
    LOG(INFO) << "pages for operators at http://" << admin_->address()
              << "/streams";
  }
  return options.webhook_listen.empty() ? absl::OkStatus()
                                        : StartWebhooks(options);
}

absl::Status OperatorPorts::StartWebhooks(const ServerOptions& options) {
  absl::StatusOr<Secret> secret =
      WebhookServer::ReadSecret(options.webhook_secret_file);
  if (!secret.ok()) return secret.status();
  auto started = WebhookServer::Start(
      options.webhook_listen, *std::move(secret),
      [&registry = subject_.registry](const std::string& repo) {
        registry.PollSoon(repo);
      });
  if (!started.ok()) return started.status();
  webhooks_ = *std::move(started);
  LOG(INFO) << "receiving webhooks at http://" << webhooks_->address()
            << "/hooks/github";
  return absl::OkStatus();
}

}  // namespace mentiond
