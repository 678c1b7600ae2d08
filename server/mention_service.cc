#include "server/mention_service.h"

#include <memory>
#include <string_view>
#include <utility>

#include "lib/subscription/subscription.h"
#include "server/grpc_status.h"
#include "server/subscribe_reactor.h"
#include "server/wire.h"

namespace mentiond {
namespace {

// Ends a call immediately with an error.
class RejectingReactor final
    : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit RejectingReactor(const absl::Status& status) {
    Finish(ToGrpcStatus(status));
  }
  void OnDone() override { delete this; }
};

std::string_view AuthorizationOf(const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("authorization");
  if (found == metadata.end()) return {};
  return std::string_view(found->second.data(), found->second.size());
}

// gRPC would keep a request's bytes until its call ends, and with them the
// token and the part of the connection's read buffer that they came in: a third
// of what we need for a stream. The object is gRPC's own, in the call's arena,
// and is only destroyed after this; gRPC has no other way to free it early for
// a method that streams.
void FreeRequest(const grpc::ByteBuffer& request) {
  const_cast<grpc::ByteBuffer&>(request).Clear();
}

}  // namespace

MentionService::MentionService(StreamRegistry& registry, std::string web_host)
    : registry_(registry), web_host_(std::move(web_host)) {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* MentionService::Subscribe(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  const auto parsed = ParseRequest(*request);
  FreeRequest(*request);
  if (!parsed.ok()) return new RejectingReactor(parsed.status());
  absl::StatusOr<Subscription> subscription =
      ParseSubscription(*parsed, AuthorizationOf(*context), web_host_);
  if (!subscription.ok()) return new RejectingReactor(subscription.status());

  auto queue = registry_.MakeQueue(subscription->token);
  const auto reactor = SubscribeReactor::Create(queue, *context);
  const absl::StatusOr<StreamId> id =
      registry_.Open(*std::move(subscription), std::move(queue));
  if (!id.ok()) {
    reactor->OnDone();  // was never passed to gRPC
    return new RejectingReactor(id.status());
  }
  context->AddInitialMetadata("x-stream-id", id->ToString());
  reactor->Start([this, id = *id] { registry_.Cancel(id); });
  return reactor.get();
}

}  // namespace mentiond
