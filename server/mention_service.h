// The gRPC service: validates a request, starts a poller for it, and connects
// the poller to a reactor.

#ifndef MENTIOND_SERVER_MENTION_SERVICE_H_
#define MENTIOND_SERVER_MENTION_SERVICE_H_

#include <string>

#include "lib/stream/registry.h"
#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond {

// Thread-safe, because gRPC calls it from its own threads.
class MentionService final
    : public mentions::v1::MentionService::WithRawCallbackMethod_Subscribe<
          mentions::v1::MentionService::Service> {
 public:
  // `registry` must outlive the service. `web_host` is the host of the
  // repositories' web pages on the configured GitHub.
  MentionService(StreamRegistry& registry, std::string web_host);

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Subscribe(
      grpc::CallbackServerContext* context,
      const grpc::ByteBuffer* request) override;

 private:
  StreamRegistry& registry_;
  const std::string web_host_;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_MENTION_SERVICE_H_
