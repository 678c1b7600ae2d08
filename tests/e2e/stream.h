// One Subscribe call, read from a test.

#ifndef MENTIOND_TESTS_E2E_STREAM_H_
#define MENTIOND_TESTS_E2E_STREAM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond {

class Stream {
 public:
  // The call ends with DEADLINE_EXCEEDED at `deadline`, so that no test hangs.
  Stream(const std::shared_ptr<grpc::Channel>& channel,
         const mentions::v1::SubscribeRequest& request, absl::Time deadline);
  // Cancels.
  ~Stream();

  // The next event; nullopt when the call has ended.
  std::optional<mentions::v1::SubscribeResponse> Next();
  // The next event that is a mention, whatever comes before it.
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
