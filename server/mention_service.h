// The gRPC service: validates a request, starts a poller for it, and connects
// the poller to a reactor.

#ifndef MENTIOND_SERVER_MENTION_SERVICE_H_
#define MENTIOND_SERVER_MENTION_SERVICE_H_

#include <string>

#include "asio/any_io_executor.hpp"

#include "lib/stream/registry.h"
#include "lib/subscription/event_queue.h"
#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond {

// Thread-safe, because gRPC calls it from its own threads.
class MentionService final
    : public mentions::v1::MentionService::WithRawCallbackMethod_Subscribe<
          mentions::v1::MentionService::Service> {
 public:
  // `executor` is the event loop's. `clock` and `registry` must outlive the
  // service. `web_host` is the host of the repositories' web pages on the
  // configured GitHub.
  MentionService(asio::any_io_executor executor, const Clock& clock,
                 StreamRegistry& registry, std::string web_host,
                 EventQueueLimits queue_limits);

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Subscribe(
      grpc::CallbackServerContext* context,
      const grpc::ByteBuffer* request) override;

 private:
  const asio::any_io_executor executor_;
  const Clock& clock_;
  StreamRegistry& registry_;
  const std::string web_host_;
  const EventQueueLimits queue_limits_;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_MENTION_SERVICE_H_
