// One Subscribe call, read from a test.

#ifndef MENTIOND_TESTS_E2E_STREAM_H_
#define MENTIOND_TESTS_E2E_STREAM_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/channel_arguments.h"

#include "proto/google/rpc/error_details.pb.h"
#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond {

// A channel that shares no connection with any other.
std::shared_ptr<grpc::Channel> NewChannel(
    const std::string& address, grpc::ChannelArguments arguments = {});

// A detail of a failed call; nullopt: it has none of that type.
template <typename T>
std::optional<T> DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return std::nullopt;
  for (const auto& any : details.details()) {
    T detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

// The reason of its ErrorInfo.
inline std::string ReasonOf(const grpc::Status& status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  return info ? info->reason() : "";
}

class Stream {
 public:
  // The call ends with DEADLINE_EXCEEDED at `deadline`, so that no test hangs.
  Stream(const std::shared_ptr<grpc::Channel>& channel,
         const mentions::v1::SubscribeRequest& request, absl::Time deadline);
  // Cancels.
  ~Stream();

  // The next event; nullopt when the call has ended.
  std::optional<mentions::v1::SubscribeResponse> Next();
  // The next event of that kind, whatever comes before it.
  std::optional<mentions::v1::SubscribeResponse> Next(
      mentions::v1::SubscribeResponse::EventCase kind);
  std::optional<mentions::v1::Mention> NextMention();
  // All mentions until the history is complete; a call that ends before that
  // is a failure of the test.
  std::vector<mentions::v1::Mention> ReadHistory();
  // The `x-stream-id` of the initial metadata; blocks until that has come.
  std::string Id();

  void Cancel() { context_.TryCancel(); }
  // Reads what is left; the status that the call ended with.
  grpc::Status Finish();

 private:
  grpc::ClientContext context_;
  std::unique_ptr<mentions::v1::MentionService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<mentions::v1::SubscribeResponse>> reader_;
  bool has_metadata_ = false;
  bool finished_ = false;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_E2E_STREAM_H_
