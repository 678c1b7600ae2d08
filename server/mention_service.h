// The gRPC service: validates a request, starts a poller for it, and connects
// the poller to a reactor.

#ifndef MENTIOND_SERVER_MENTION_SERVICE_H_
#define MENTIOND_SERVER_MENTION_SERVICE_H_

#include <string>

#include "lib/base/clock.h"
#include "lib/stream/registry.h"
#include "proto/mentions/v1/mentions.grpc.pb.h"
#include "server/authorization.h"
#include "server/refusal_log.h"
#include "server/subscribe_reactor.h"

namespace mentiond {

// Thread-safe, because gRPC calls it from its own threads.
class MentionService final
    : public mentions::v1::MentionService::WithRawCallbackMethod_Subscribe<
          mentions::v1::MentionService::Service> {
 public:
  // `registry` and what `watch` refers to must outlive the service. `web_host`
  // is the host of the repositories' web pages on the configured GitHub.
  // `authorization` says who may call; null: everybody. `clock` outlives the
  // service.
  MentionService(StreamRegistry& registry, std::string web_host,
                 CallWatch watch, AuthorizationFile* authorization,
                 const Clock& clock);

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Subscribe(
      grpc::CallbackServerContext* context,
      const grpc::ByteBuffer* request) override;

 private:
  // Ends a call that is not to be a stream, immediately.
  grpc::ServerWriteReactor<grpc::ByteBuffer>* End(
      const absl::Status& status) const;
  // The same, for the call is refused. `request`: as RefusalLog::Note().
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Reject(
      const absl::Status& status, const grpc::CallbackServerContext& context,
      const mentions::v1::SubscribeRequest* request);

  StreamRegistry& registry_;
  const std::string web_host_;
  const CallWatch watch_;
  AuthorizationFile* const authorization_;
  RefusalLog refusals_;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_MENTION_SERVICE_H_
