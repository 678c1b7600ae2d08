#include "client/internal/stream_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "asio/post.hpp"

#include "client/internal/loopback.h"
#include "lib/base/strings.h"
#include "proto/google/rpc/error_details.pb.h"

namespace mentiond::client {
namespace {

using ::mentions::v1::MentionService;
using ::mentions::v1::SubscribeRequest;

// Far above the 262,144 bytes that a body may have; gRPC's default is 4 MiB.
constexpr int kMaxMessageBytes = 16 << 20;

// mentiond allows a ping every ten seconds. A lost peer is detected within the
// sum of the two.
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 20'000;

// The time limit for one connection attempt; gRPC's default is 20 s.
constexpr int kConnectTimeoutMs = 10'000;

// An upper bound for the delay that a server requests.
constexpr absl::Duration kMaxRetryDelay = absl::Minutes(10);

// Selects the resolver, so that the user's input cannot select another one, and
// so that HasPeer() can tell a peer's address from the target.
constexpr char kScheme[] = "dns:///";

// The peer of a context is the channel's target until the call is assigned to a
// connection, and an address from then on.
bool HasPeer(const grpc::ClientContext& context) {
  const std::string peer = context.peer();
  return absl::StartsWith(peer, "ipv4:") || absl::StartsWith(peer, "ipv6:");
}

// Metadata with any other byte would end the call with an error of gRPC's own.
bool FitsMetadata(std::string_view token) {
  return std::all_of(token.begin(), token.end(),
                     [](unsigned char c) { return absl::ascii_isgraph(c); });
}

// Sends `token`, or else the request's.
void SetToken(Secret token, SubscribeRequest& request,
              grpc::ClientContext& context) {
  if (token.empty()) token = Secret(request.token());
  if (token.empty()) return;
  if (FitsMetadata(token.Expose())) {
    // Not in the request: a proxy in front of the servers can choose by it.
    request.clear_token();
    context.AddMetadata("authorization",
                        absl::StrCat("Bearer ", ToAbsl(token.Expose())));
  } else {
    request.set_token(std::string(token.Expose()));  // the server says why not
  }
}

// One type of google.rpc's messages in the status's details.
template <typename T>
std::optional<T> DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return std::nullopt;
  T message;
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&message)) return message;
  }
  return std::nullopt;
}

std::optional<absl::Duration> RetryDelayOf(const grpc::Status& status) {
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  if (!retry || !retry->has_retry_delay()) return std::nullopt;
  const absl::Duration delay = absl::Seconds(retry->retry_delay().seconds()) +
                               absl::Nanoseconds(retry->retry_delay().nanos());
  return std::clamp(delay, absl::ZeroDuration(), kMaxRetryDelay);
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(
    const std::string& server,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // The client sends no data after the request; gRPC's default limit of two
  // pings without data would end keepalive after ten minutes.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  // We reconnect ourselves. gRPC 1.51 can lose the end of a call that it
  // retries because the server had just told the connection to go.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // $http_proxy is not meant for connections to the local machine.
  if (IsLoopback(server)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(
      absl::StrCat(kScheme, server),
      credentials != nullptr ? credentials : grpc::InsecureChannelCredentials(),
      arguments);
}

std::shared_ptr<StreamCall> StreamCall::Start(
    const asio::any_io_executor& executor,
    const std::shared_ptr<grpc::Channel>& channel, SubscribeRequest request,
    const Secret& token) {
  std::shared_ptr<StreamCall> call(new StreamCall(executor));
  call->self_ = call;
  call->request_ = std::move(request);
  SetToken(token, call->request_, call->context_);
  MentionService::NewStub(channel)->async()->Subscribe(
      &call->context_, &call->request_, call.get());
  // Reads are started by the loop, between gRPC's callbacks.
  call->AddHold();
  call->reading_ = true;
  call->StartRead(&call->response_);
  call->StartCall();
  return call;
}

void StreamCall::ReadNext() {
  has_response_ = false;
  if (no_more_ || cancelled_) return;
  reading_ = true;
  StartRead(&response_);
}

void StreamCall::Cancel() {
  cancelled_ = true;
  context_.TryCancel();
  if (!reading_) Release();
}

void StreamCall::Release() {
  if (std::exchange(held_, false)) RemoveHold();
}

template <typename Change>
void StreamCall::Post(Change change) {
  asio::post(changed_.executor(),
             [self = shared_from_this(), change = std::move(change)] {
               change(*self);
               self->changed_.Notify();
             });
}

void StreamCall::OnReadInitialMetadataDone(bool ok) {
  if (!ok) return;
  const auto& metadata = context_.GetServerInitialMetadata();
  const auto id = metadata.find("x-stream-id");
  if (id == metadata.end()) return;
  Post([stream_id = std::string(id->second.data(), id->second.size())](
           StreamCall& call) { call.stream_id_ = stream_id; });
}

void StreamCall::OnReadDone(bool ok) {
  Post([ok](StreamCall& call) {
    call.reading_ = false;
    call.has_response_ = ok;
    call.no_more_ = !ok;
    if (ok) call.reached_ = true;
    if (!ok || call.cancelled_) call.Release();
  });
}

void StreamCall::OnDone(const grpc::Status& status) {
  Post([status](StreamCall& call) {
    call.ended_ = true;
    call.status_ =
        absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                     status.error_message());
    call.retry_delay_ = RetryDelayOf(status);
    if (HasPeer(call.context_)) call.reached_ = true;
    call.self_.reset();
  });
}

}  // namespace mentiond::client
