// The gRPC service: checks a request and joins a reactor to a poller.

#ifndef MENTIOND_SERVER_MENTION_SERVICE_H_
#define MENTIOND_SERVER_MENTION_SERVICE_H_

#include <string>

#include "asio/any_io_executor.hpp"

#include "lib/subscription/event_queue.h"
#include "lib/stream/registry.h"
#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond {

// Thread-safe, as gRPC calls it from its own threads.
class MentionService final
    : public mentions::v1::MentionService::WithRawCallbackMethod_Subscribe<
          mentions::v1::MentionService::Service> {
 public:
  // `executor` is the event loop's; `clock` and `registry` outlive the service.
  // `web_host` is where the configured GitHub shows its repositories.
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
