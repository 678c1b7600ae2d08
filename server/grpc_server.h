// gRPC's server as this program runs it: its limits, its standard services, the
// port, and how it ends.

#ifndef MENTIOND_SERVER_GRPC_SERVER_H_
#define MENTIOND_SERVER_GRPC_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

#include "lib/stream/registry.h"
#include "server/connection_acceptor.h"
#include "server/open_calls.h"
#include "server/options.h"

namespace mentiond {

class GrpcServer {
 public:
  // Serves `service`, which outlives it, with health checks, reflection and,
  // if the options say so, channelz, at options.listen. `descriptors` is how
  // many this process may open for clients. UNAVAILABLE or INVALID_ARGUMENT,
  // with the reason, if the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const ServerOptions& options,
      const std::shared_ptr<grpc::ServerCredentials>& credentials,
      grpc::Service& service, int descriptors);

  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // Where it listens.
  const std::string& address() const { return address_; }

  // Stops listening, tells all connections to go, ends all streams of
  // `registry`, and lets their last messages leave, all within `at_most`.
  // Whether nothing is left then: otherwise there are clients that have not
  // closed their connections, and the process should end without waiting for
  // them, and without destroying anything that calls refer to. To be called
  // once.
  bool Drain(StreamRegistry& registry, OpenCalls& calls,
             absl::Duration at_most);

 private:
  GrpcServer() = default;

  std::string address_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections_;
  // Null: gRPC listens itself, on a Unix domain socket.
  std::unique_ptr<ConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_GRPC_SERVER_H_
