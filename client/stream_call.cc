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

// A body may have 262,144 bytes; gRPC takes no more than 4 MiB by itself.
constexpr int kLargestMessage = 16 << 20;

// mentiond takes a ping every ten seconds. A peer that vanished is found within
// this and the timeout.
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 20'000;

// How long one attempt to connect may take; 20 s by default.
constexpr int kConnectTimeoutMs = 10'000;

// A server may ask for anything.
constexpr absl::Duration kLongestRetryDelay = absl::Minutes(10);

// How long the status may take after the last message; it comes with it.
constexpr absl::Duration kEndTimeout = absl::Seconds(3);

// Names the resolver, so that what was typed cannot choose another one, and so
// that a peer's address can be told from the target.
constexpr char kScheme[] = "dns:///";

std::shared_ptr<grpc::Channel> Connect(const std::string& server) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kLargestMessage);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // This side sends nothing after the request; the default of two pings without
  // data would end the keepalive after ten minutes.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  // $http_proxy is meant for the network, not for this machine.
  if (IsLoopback(server)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(absl::StrCat(kScheme, server),
                                   grpc::InsecureChannelCredentials(),
                                   arguments);
}

absl::Status ToAbsl(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

// A context names the channel's target as its peer until the call is on a
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
    return std::clamp(delay, absl::ZeroDuration(), kLongestRetryDelay);
  }
  return std::nullopt;
}

void TellConnected(const grpc::ClientContext& context,
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
              .status = absl::CancelledError("cancelled before it began"),
              .reached = false};
    }
    call_ = &context;
  }

  const auto stub = MentionService::NewStub(channel_);
  const auto reader = stub->Subscribe(&context, request_);
  reader->WaitForInitialMetadata();
  TellConnected(context, listener);
  absl::Status heard;
  SubscribeResponse response;
  bool answered = false;
  while (reader->Read(&response)) {
    answered = true;
    // After an error what is left is read, but told nobody.
    if (!heard.ok()) continue;
    heard = listener.OnEvent(response);
    if (!heard.ok()) context.TryCancel();
  }
  bool unreadable = false;
  grpc::Status ended;
  {
    // When a message cannot be parsed, reading ends just as at the stream's
    // end, but the call goes on, and Finish() would wait for as long as that.
    Ticker cancel(kEndTimeout, [&context, &unreadable] {
      unreadable = true;
      context.TryCancel();
    });
    ended = reader->Finish();
  }

  SubscriptionEnd end;
  end.reached = answered || HasPeer(context);
  end.retry_delay = RetryDelayOf(ended);
  absl::MutexLock lock(&mutex_);
  call_ = nullptr;
  if (!heard.ok()) {
    end.by = SubscriptionEnd::By::kListener;
    end.status = std::move(heard);
  } else {
    if (cancelled_) end.by = SubscriptionEnd::By::kCancel;
    end.status =
        unreadable
            ? absl::DataLossError("a message of the server cannot be read")
            : ToAbsl(ended);
  }
  return end;
}

void StreamCall::Cancel() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  // Under the lock, as the context lives only as long as the call. Cancelling
  // does not wait, and the synchronous API calls nobody back.
  if (call_ != nullptr) call_->TryCancel();
}

}  // namespace mentiond
