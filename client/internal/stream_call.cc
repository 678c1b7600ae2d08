#include "client/stream_call.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "client/loopback.h"
#include "client/ticker.h"
#include "proto/google/rpc/error_details.pb.h"
#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond {
namespace {

using ::mentions::v1::MentionService;
using ::mentions::v1::SubscribeResponse;

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

// How long to wait for the status after the last message. Normally both arrive
// together.
constexpr absl::Duration kEndTimeout = absl::Seconds(3);

// Selects the resolver, so that the user's input cannot select another one, and
// so that HasPeer() can tell a peer's address from the target.
constexpr char kScheme[] = "dns:///";

std::shared_ptr<grpc::Channel> Connect(const std::string& server) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // The client sends no data after the request; gRPC's default limit of two
  // pings without data would end keepalive after ten minutes.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  // $http_proxy is not meant for connections to the local machine.
  if (IsLoopback(server)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(absl::StrCat(kScheme, server),
                                   grpc::InsecureChannelCredentials(),
                                   arguments);
}

absl::Status ToAbsl(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

// The peer of a context is the channel's target until the call is assigned to a
// connection, and an address from then on.
bool HasPeer(const grpc::ClientContext& context) {
  const std::string peer = context.peer();
  return absl::StartsWith(peer, "ipv4:") || absl::StartsWith(peer, "ipv6:");
}

// google.rpc.RetryInfo in the status's details.
std::optional<absl::Duration> RetryDelayOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return std::nullopt;
  google::rpc::RetryInfo retry;
  for (const auto& detail : details.details()) {
    if (!detail.UnpackTo(&retry) || !retry.has_retry_delay()) continue;
    const absl::Duration delay = absl::Seconds(retry.retry_delay().seconds()) +
                                 absl::Nanoseconds(retry.retry_delay().nanos());
    return std::clamp(delay, absl::ZeroDuration(), kMaxRetryDelay);
  }
  return std::nullopt;
}

void NotifyConnected(const grpc::ClientContext& context,
                     SubscriptionListener& listener) {
  const auto& metadata = context.GetServerInitialMetadata();
  const auto id = metadata.find("x-stream-id");
  if (id == metadata.end()) return;
  listener.OnConnected(std::string_view(id->second.data(), id->second.size()));
}

}  // namespace

ServerChannel::ServerChannel(const std::string& server)
    : channel_(Connect(server)) {}

StreamCall::StreamCall(const ServerChannel& server,
                       ::mentions::v1::SubscribeRequest request)
    : request_(std::move(request)), channel_(server.channel()) {}

StreamCall::~StreamCall() = default;

SubscriptionEnd StreamCall::Run(SubscriptionListener& listener) {
  grpc::ClientContext context;
  {
    absl::MutexLock lock(&mutex_);
    if (cancelled_) {
      return {.by = SubscriptionEnd::By::kCancel,
              .status = absl::CancelledError("cancelled before it started"),
              .reached = false};
    }
    call_ = &context;
  }

  const auto stub = MentionService::NewStub(channel_);
  const auto reader = stub->Subscribe(&context, request_);
  reader->WaitForInitialMetadata();
  NotifyConnected(context, listener);
  absl::Status listener_status;
  SubscribeResponse response;
  bool got_response = false;
  while (reader->Read(&response)) {
    got_response = true;
    // After an error, drain the stream without passing events on.
    if (!listener_status.ok()) continue;
    listener_status = listener.OnEvent(response);
    if (!listener_status.ok()) context.TryCancel();
  }
  bool unreadable = false;
  grpc::Status ended;
  {
    // If a message cannot be parsed, Read() returns false as at the end of the
    // stream, but the call continues and Finish() would wait for its end.
    Ticker cancel(kEndTimeout, [&context, &unreadable] {
      unreadable = true;
      context.TryCancel();
    });
    ended = reader->Finish();
  }

  SubscriptionEnd end;
  end.reached = got_response || HasPeer(context);
  end.retry_delay = RetryDelayOf(ended);
  absl::MutexLock lock(&mutex_);
  call_ = nullptr;
  if (!listener_status.ok()) {
    end.by = SubscriptionEnd::By::kListener;
    end.status = std::move(listener_status);
  } else {
    if (cancelled_) end.by = SubscriptionEnd::By::kCancel;
    end.status =
        unreadable
            ? absl::DataLossError("cannot parse a message from the server")
            : ToAbsl(ended);
  }
  return end;
}

void StreamCall::Cancel() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  // Under the lock, because the context lives only as long as the call.
  // TryCancel() does not block, and the synchronous API has no callbacks.
  if (call_ != nullptr) call_->TryCancel();
}

}  // namespace mentiond
