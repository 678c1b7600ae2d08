// mentiond: assembles the server's components and shuts them down in order.

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "asio/io_context.hpp"
#include "asio/signal_set.hpp"
#include "glog/logging.h"
#include "grpcpp/security/server_credentials.h"
#include "prometheus/registry.h"

#include "lib/base/clock.h"
#include "lib/base/repo_name.h"
#include "lib/base/version.h"
#include "lib/metrics/metrics.h"
#include "lib/stream/registry.h"
#include "server/authorization.h"
#include "server/certificates.h"
#include "server/core_dumps.h"
#include "server/descriptor_limit.h"
#include "server/event_loop.h"
#include "server/grpc_server.h"
#include "server/health.h"
#include "server/listen_address.h"
#include "server/logging.h"
#include "server/mention_service.h"
#include "server/open_calls.h"
#include "server/operator_ports.h"
#include "server/options.h"
#include "server/sd_notify.h"
#include "server/settings.h"
#include "server/tls_credentials.h"

namespace mentiond {
namespace {

// Clients send their tokens.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const ServerOptions& options, const Clock& clock) {
  if (!options.tls_cert.empty()) {
    auto certificates = Certificates::Load({.certificate = options.tls_cert,
                                            .key = options.tls_key,
                                            .client_ca = options.tls_client_ca},
                                           clock);
    if (!certificates.ok()) return certificates.status();
    return MakeTlsCredentials(*std::move(certificates));
  }
  if (!options.allow_plaintext && !IsLoopback(options.listen) &&
      !absl::StartsWith(options.listen, "unix:")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--listen=", options.listen,
        " can be reached by others, and clients send their tokens: use "
        "--tls_cert and --tls_key, or --allow_plaintext behind something that "
        "encrypts"));
  }
  return grpc::InsecureServerCredentials();
}

std::vector<std::unique_ptr<EventLoop>> StartLoops(const ServerOptions& options,
                                                   int requests, Clock& clock,
                                                   Metrics& metrics) {
  const int count = std::min(options.event_loops, requests);
  std::vector<std::unique_ptr<EventLoop>> loops;
  for (int i = 0; i < count; ++i) {
    loops.push_back(std::make_unique<EventLoop>(
        clock, TransportSettings(options, requests, count),
        GitHubSettings(options, requests, count, metrics)));
  }
  return loops;
}

std::vector<PollerLoop> PollerLoops(
    const ServerOptions& options,
    const std::vector<std::unique_ptr<EventLoop>>& loops, Clock& clock,
    Metrics& metrics) {
  std::vector<PollerLoop> pollers;
  for (const std::unique_ptr<EventLoop>& loop : loops) {
    pollers.push_back({.executor = loop->executor(),
                       .environment = PollerSettings(options, loop->github(),
                                                     clock, metrics)});
  }
  return pollers;
}

std::vector<asio::any_io_executor> ExecutorsOf(
    const std::vector<std::unique_ptr<EventLoop>>& loops) {
  std::vector<asio::any_io_executor> executors;
  for (const std::unique_ptr<EventLoop>& loop : loops) {
    executors.push_back(loop->executor());
  }
  return executors;
}

int Serve(const ServerOptions& options) {
  ForbidCoreDumpsUnless(options.allow_core_dumps);
  if (options.poll_interval < absl::Seconds(10)) {
    LOG(WARNING) << "--poll_interval=" << options.poll_interval
                 << " is short: GitHub asks clients to poll at most once a "
                    "minute";
  }

  const uint64_t descriptors = RaiseDescriptorLimit();
  const int requests = RequestsWithin(descriptors, options.max_requests);
  if (requests < options.max_requests) {
    LOG(WARNING) << "--max_requests is reduced from " << options.max_requests
                 << " to " << requests << ", as only " << descriptors
                 << " files may be open (ulimit -Hn)";
  }

  // First, so that a signal during the start is not lost.
  asio::io_context signal_loop;
  asio::signal_set signals(signal_loop, SIGINT, SIGTERM);
  signals.async_wait([&](const asio::error_code& error, int signal) {
    if (error) return;
    LOG(INFO) << "shutting down on signal " << signal;
    // A second signal terminates the program immediately.
    signals.clear();
  });

  RealClock clock;
  prometheus::Registry counters;
  Metrics metrics(counters);
  const std::vector<std::unique_ptr<EventLoop>> loops =
      StartLoops(options, requests, clock, metrics);
  StreamRegistry registry(PollerLoops(options, loops, clock, metrics),
                          StreamSettings(options));
  const auto credentials = MakeCredentials(options, clock);
  if (!credentials.ok()) {
    LOG(ERROR) << credentials.status().message();
    return 1;
  }
  std::unique_ptr<AuthorizationFile> authorization;
  if (!options.authorization_policy.empty()) {
    auto loaded = AuthorizationFile::Load(options.authorization_policy, clock);
    if (!loaded.ok()) {
      LOG(ERROR) << loaded.status().message();
      return 1;
    }
    authorization = *std::move(loaded);
  }
  OpenCalls calls;
  MentionService service(registry, WebHostOf(options.github_api),
                         {.metrics = metrics, .calls = calls},
                         authorization.get(), clock);
  Health health(clock, ExecutorsOf(loops));
  auto ports = std::make_unique<OperatorPorts>(
      OperatorPorts::Subject{.registry = registry,
                             .loops = loops,
                             .counters = counters,
                             .health = health,
                             .clock = clock});

  const auto server =
      GrpcServer::Start(options, *credentials, service,
                        DescriptorsForClients(descriptors, requests));
  if (!server.ok()) {
    LOG(ERROR) << server.status().message();
    return 1;
  }
  LOG(INFO) << "mentiond " << kVersion << " listening on "
            << (*server)->address() << ", GitHub API at " << options.github_api;
  health.SetReady(true);
  const absl::Status started = ports->Start(options);
  if (started.ok()) {
    SdNotify("READY=1");
    signal_loop.run();  // until a signal has come
  } else {
    LOG(ERROR) << started.message();
  }
  SdNotify("STOPPING=1");
  health.SetReady(false);
  const int code = started.ok() ? 0 : 1;
  if (!(*server)->Drain(registry, calls, options.drain_timeout)) {
    // Nothing is left but connections, which the end of the process closes, or
    // what does not end by itself.
    LOG(INFO) << "stopped";
    google::FlushLogFiles(google::INFO);
    std::_Exit(code);
  }
  ports.reset();
  // Cancellations that calls have posted refer to the registry.
  for (const std::unique_ptr<EventLoop>& loop : loops) loop->Stop();
  LOG(INFO) << "stopped";
  return code;
}

}  // namespace
}  // namespace mentiond

int main(int argc, char** argv) {
  auto parsed = mentiond::ParseServerOptions(argc, argv);
  if (const auto* exit = std::get_if<mentiond::ExitEarly>(&parsed)) {
    (exit->code == 0 ? std::cout : std::cerr) << exit->text;
    return exit->code;
  }
  const auto& options = std::get<mentiond::ServerOptions>(parsed);
  mentiond::StartLogging(argv[0], options.log_format, options.log_level);
  // Debian's Abseil looks for lock cycles by default, in every process that
  // uses it: gRPC's locks, mostly, at each operation.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::signal(SIGPIPE, SIG_IGN);
  return mentiond::Serve(options);
}
