#include "server/grpc_server.h"

#include <algorithm>
#include <limits>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "glog/logging.h"
#include "grpc/grpc.h"
#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_builder.h"

#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond {
namespace {

constexpr int kMaxRequestBytes = 1 << 20;
constexpr int kHandshakeMs = 10'000;
constexpr int kIdleMs = 5 * 60'000;  // without a call
constexpr int kPingStrikes = 2;      // too many pings, before it hangs up
// For clients to close their connections after their calls have ended.
constexpr absl::Duration kGoAway = absl::Milliseconds(500);

// A client is pinged after three quarters of its timeout and has the last
// quarter to respond.
int ResponseTimeMs(const ServerOptions& options) {
  return static_cast<int>(
      std::min<int64_t>(absl::ToInt64Milliseconds(options.dead_client_timeout),
                        std::numeric_limits<int>::max()) /
      4);
}

void DetectDeadClients(const ServerOptions& options,
                       grpc::ServerBuilder& builder) {
  const int response_ms = ResponseTimeMs(options);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 3 * response_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, response_ms);
  // Even if the stream carries no data, in either direction.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
}

// What clients may make the server spend before they have said anything of use.
void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  // A request is a few kilobytes at most.
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             kHandshakeMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikes);
  // A small compressed request may be a large one.
  for (const grpc_compression_algorithm algorithm :
       {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
  if (options.max_streams_per_connection > 0) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                               options.max_streams_per_connection);
  }
  if (options.grpc_memory_bytes > 0) {
    builder.SetResourceQuota(
        grpc::ResourceQuota("mentiond")
            .Resize(static_cast<size_t>(options.grpc_memory_bytes)));
  }
}

bool IsUnixSocket(const std::string& listen) {
  return absl::StartsWith(listen, "unix:");
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const ServerOptions& options,
    const std::shared_ptr<grpc::ServerCredentials>& credentials,
    grpc::Service& service, int descriptors) {
  std::unique_ptr<GrpcServer> self(new GrpcServer);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  if (options.channelz) grpc::channelz::experimental::InitChannelzService();
  grpc::ServerBuilder builder;
  // Whether gRPC counts what channelz shows.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, options.channelz);
  DetectDeadClients(options, builder);
  SetLimits(options, builder);
  builder.RegisterService(&service);
  int unix_bound = 1;
  if (IsUnixSocket(options.listen)) {
    self->address_ = options.listen;
    builder.AddListeningPort(options.listen, credentials, &unix_bound);
  } else {
    auto bound = ConnectionAcceptor::Bind(
        options.listen,
        {.descriptors = descriptors,
         .user_timeout = absl::Milliseconds(ResponseTimeMs(options))});
    if (!bound.ok()) return bound.status();
    self->acceptor_ = *std::move(bound);
    self->address_ = self->acceptor_->address();
    self->connections_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        credentials);
  }
  self->server_ = builder.BuildAndStart();
  if (self->server_ == nullptr || unix_bound == 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options.listen));
  }
  self->server_->GetHealthCheckService()->SetServingStatus(
      mentions::v1::MentionService::service_full_name(), true);
  if (self->acceptor_ != nullptr) {
    self->acceptor_->Start([to = self->connections_.get()](int descriptor) {
      grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
          connection;
      connection.fd = descriptor;
      to->HandleNewConnection(&connection);
    });
  }
  return self;
}

bool GrpcServer::Drain(StreamRegistry& registry, OpenCalls& calls,
                       absl::Duration at_most) {
  const absl::Time deadline = absl::Now() + at_most;
  if (acceptor_ != nullptr) acceptor_->Stop();
  server_->GetHealthCheckService()->SetServingStatus(false);
  // Clients learn at once that they have to connect elsewhere.
  const auto done = std::make_shared<absl::Notification>();
  std::thread([server = server_.get(), done, deadline] {
    server->Shutdown(absl::ToChronoTime(deadline + kGoAway));
    done->Notify();
  }).detach();
  const auto closed = std::make_shared<absl::Notification>();
  registry.Close(absl::UnavailableError("the server is shutting down"),
                 [closed] { closed->Notify(); });
  if (!closed->WaitForNotificationWithDeadline(deadline)) {
    LOG(WARNING) << "not all streams have ended within " << at_most;
  } else if (!calls.AwaitNone(deadline - absl::Now())) {
    LOG(WARNING) << "not all clients have read the end of their streams within "
                 << at_most;
  }
  if (done->WaitForNotificationWithTimeout(kGoAway / 2)) return true;
  // Health checks that are watched never end by themselves.
  grpc_server_cancel_all_calls(server_->c_server());
  return done->WaitForNotificationWithTimeout(kGoAway / 2);
}

}  // namespace mentiond
