// A single Subscribe call, driven by a coroutine on an event loop: gRPC's
// threads only post to the loop. The only part of the client that uses gRPC.

#ifndef MENTIOND_CLIENT_INTERNAL_STREAM_CALL_H_
#define MENTIOND_CLIENT_INTERNAL_STREAM_CALL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"

#include "lib/base/async_event.h"
#include "lib/base/secret.h"
#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond::client {

// A channel to `server`, HOST:PORT. Does not connect yet.
std::shared_ptr<grpc::Channel> MakeChannel(
    const std::string& server,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials);

// Loop thread only.
class StreamCall final
    : public grpc::ClientReadReactor<::mentions::v1::SubscribeResponse>,
      public std::enable_shared_from_this<StreamCall> {
 public:
  // Starts the call, which keeps itself alive until it has ended. The loop must
  // run until then. `token` takes the place of the request's, if it is not
  // empty. Either is sent as metadata.
  static std::shared_ptr<StreamCall> Start(
      const asio::any_io_executor& executor,
      const std::shared_ptr<grpc::Channel>& channel,
      ::mentions::v1::SubscribeRequest request, const Secret& token);

  // Notified after each change of what follows.
  AsyncEvent& changed() { return changed_; }

  // The server's id for the stream, once; nullopt: not (yet) received.
  std::optional<std::string> TakeStreamId() {
    return std::exchange(stream_id_, std::nullopt);
  }
  // The response to deal with; null: none has been received. Valid until
  // ReadNext().
  const ::mentions::v1::SubscribeResponse* response() const {
    return has_response_ ? &response_ : nullptr;
  }
  void ReadNext();
  // There are no more responses, but the status may be yet to come.
  bool no_more() const { return no_more_; }

  // Everything has been received, the status included.
  bool ended() const { return ended_; }
  // The following are valid then.
  const absl::Status& status() const { return status_; }
  // What the server asks to wait before a retry (RetryInfo).
  std::optional<absl::Duration> retry_delay() const { return retry_delay_; }
  // A connection to the server was established.
  bool reached() const { return reached_; }

  // Makes the call end soon.
  void Cancel();

  void OnReadInitialMetadataDone(bool ok) override;
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  explicit StreamCall(const asio::any_io_executor& executor)
      : changed_(executor) {}

  // Runs `change` on the loop, then notifies.
  template <typename Change>
  void Post(Change change);
  // No more reads are started: gRPC may end the call.
  void Release();

  AsyncEvent changed_;
  ::mentions::v1::SubscribeRequest request_;
  grpc::ClientContext context_;
  // Until the call has ended.
  std::shared_ptr<StreamCall> self_;

  // gRPC writes it while a read is in progress.
  ::mentions::v1::SubscribeResponse response_;
  bool reading_ = false;
  bool held_ = true;
  bool cancelled_ = false;

  std::optional<std::string> stream_id_;
  bool has_response_ = false;
  bool no_more_ = false;
  bool ended_ = false;
  absl::Status status_;
  std::optional<absl::Duration> retry_delay_;
  bool reached_ = false;
};

}  // namespace mentiond::client

#endif  // MENTIOND_CLIENT_INTERNAL_STREAM_CALL_H_
