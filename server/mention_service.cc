#include "server/mention_service.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "grpcpp/security/auth_context.h"

#include "lib/base/secret.h"
#include "lib/subscription/subscription.h"
#include "server/grpc_status.h"
#include "server/subscribe_reactor.h"
#include "server/wire.h"

namespace mentiond {
namespace {

constexpr char kMethod[] = "/mentions.v1.MentionService/Subscribe";

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

// Without what is not a W3C trace context's header: it is logged.
std::string TraceParentOf(const grpc::CallbackServerContext& context) {
  constexpr size_t kLength = 55;
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("traceparent");
  if (found == metadata.end() || found->second.size() != kLength) return "";
  std::string value(found->second.data(), found->second.size());
  const bool is_valid = std::all_of(value.begin(), value.end(), [](char c) {
    return c == '-' || absl::ascii_isxdigit(static_cast<unsigned char>(c));
  });
  return is_valid ? value : "";
}

// The names in the client's certificate: its subject alternative names or,
// without any, its common name.
std::vector<std::string> PrincipalsOf(
    const grpc::CallbackServerContext& context) {
  std::vector<std::string> principals;
  const auto auth = context.auth_context();
  if (auth == nullptr || !auth->IsPeerAuthenticated()) return principals;
  for (const grpc::string_ref& name : auth->GetPeerIdentity()) {
    principals.emplace_back(name.data(), name.size());
  }
  return principals;
}

Caller CallerOf(const grpc::CallbackServerContext& context) {
  std::vector<std::string> principals = PrincipalsOf(context);
  return {.peer = context.peer(),
          .principal = principals.empty() ? "" : std::move(principals[0]),
          .trace_parent = TraceParentOf(context)};
}

// gRPC would keep a request's bytes until its call ends, and with them the
// token and the part of the connection's read buffer that they came in: a third
// of what we need for a stream. The object is gRPC's own, in the call's arena,
// and is only destroyed after this; gRPC has no other way to free it early for
// a method that streams. Nor would it overwrite the token: these bytes of the
// read buffer are the request's alone.
void FreeRequest(const grpc::ByteBuffer& request) {
  std::vector<grpc::Slice> slices;
  if (request.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      std::memset(const_cast<uint8_t*>(slice.begin()), 0, slice.size());
    }
  }
  const_cast<grpc::ByteBuffer&>(request).Clear();
}

}  // namespace

MentionService::MentionService(StreamRegistry& registry, std::string web_host,
                               CallWatch watch,
                               AuthorizationFile* authorization,
                               const Clock& clock)
    : registry_(registry),
      web_host_(std::move(web_host)),
      watch_(watch),
      authorization_(authorization),
      refusals_(clock, web_host_) {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* MentionService::End(
    const absl::Status& status) const {
  watch_.metrics.StreamHandled(status.code());
  return new RejectingReactor(status);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* MentionService::Reject(
    const absl::Status& status, const grpc::CallbackServerContext& context,
    const mentions::v1::SubscribeRequest* request) {
  refusals_.Note(status, CallerOf(context), request, AuthorizationOf(context));
  return End(status);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* MentionService::Subscribe(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  watch_.metrics.StreamStarted();
  if (authorization_ != nullptr) {
    const absl::Status allowed =
        authorization_->Check(PrincipalsOf(*context), kMethod);
    if (!allowed.ok()) {
      // Not read: who may not call can make the server do no more.
      FreeRequest(*request);
      return Reject(allowed, *context, nullptr);
    }
  }
  if (!request->Valid()) {
    // Cancelled by the client, or by gRPC, which found the message too large or
    // compressed: then gRPC calls us all the same. Nothing was refused.
    return End(absl::CancelledError("the call ended before its request came"));
  }
  auto parsed = ParseRequest(*request);
  FreeRequest(*request);
  if (!parsed.ok()) return Reject(parsed.status(), *context, nullptr);
  const absl::Cleanup wipe = [&] { Wipe(*parsed->mutable_token()); };
  absl::StatusOr<Subscription> subscription =
      ParseSubscription(*parsed, AuthorizationOf(*context), web_host_);
  if (!subscription.ok()) {
    return Reject(subscription.status(), *context, &*parsed);
  }

  auto queue = registry_.MakeQueue(subscription->token);
  const auto reactor = SubscribeReactor::Create(queue, *context, watch_);
  const absl::StatusOr<StreamId> id = registry_.Open(
      *std::move(subscription), std::move(queue), CallerOf(*context));
  if (!id.ok()) {
    reactor->OnDone();  // was never passed to gRPC
    return Reject(id.status(), *context, &*parsed);
  }
  context->AddInitialMetadata("x-stream-id", id->ToString());
  reactor->Start([this, id = *id] { registry_.Cancel(id); });
  return reactor.get();
}

}  // namespace mentiond
