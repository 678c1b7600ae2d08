// A mentiond server on a real port, whose streams are controlled by a test.

#ifndef MENTIOND_TESTS_CLIENT_SCRIPTED_SERVER_H_
#define MENTIOND_TESTS_CLIENT_SCRIPTED_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond {

// The server's end of one stream. Thread-safe.
class ScriptedStream
    : public grpc::ServerWriteReactor<::mentions::v1::SubscribeResponse> {
 public:
  ScriptedStream(const ::mentions::v1::SubscribeRequest& request,
                 std::string authorization)
      : request_(request), authorization_(std::move(authorization)) {}

  const ::mentions::v1::SubscribeRequest& request() const { return request_; }
  // The call's metadata of that name; empty: none.
  const std::string& authorization() const { return authorization_; }

  // Sends a response after those that are still queued.
  void Send(const ::mentions::v1::SubscribeResponse& response) {
    absl::MutexLock lock(&mutex_);
    queue_.push_back(response);
    Advance();
  }
  // Ends the stream after all queued responses; nothing may follow.
  void End(const grpc::Status& status) {
    absl::MutexLock lock(&mutex_);
    end_ = status;
    ending_ = true;
    Advance();
  }
  // Waits for the end of the call; false: not in time.
  bool WaitUntilGone(absl::Duration timeout) {
    return gone_.WaitForNotificationWithTimeout(timeout);
  }

 private:
  friend class ScriptedServer;

  // `self` keeps it alive until the end of the call.
  void Start(std::shared_ptr<ScriptedStream> self, const grpc::Status& reject) {
    absl::MutexLock lock(&mutex_);
    self_ = std::move(self);
    end_ = reject;
    ending_ = !reject.ok();
    if (reject.ok()) StartSendInitialMetadata();
    Advance();
  }
  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    queue_.pop_front();
    if (!ok) Drop();
    Advance();
  }
  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    Drop();
    Advance();
  }
  void OnDone() override {
    const auto self = std::exchange(self_, nullptr);
    gone_.Notify();
  }
  void Drop() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ending_ = true;
    if (!writing_) queue_.clear();
  }
  // Starts the next operation, if none is in progress. gRPC does not invoke
  // callbacks from these calls.
  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_) return;
    if (!queue_.empty()) {
      writing_ = true;
      StartWrite(&queue_.front());
    } else if (ending_) {
      finished_ = true;
      Finish(end_);
    }
  }

  const ::mentions::v1::SubscribeRequest request_;
  const std::string authorization_;
  std::shared_ptr<ScriptedStream> self_;
  absl::Notification gone_;
  absl::Mutex mutex_;
  // Not yet written; the first one is being written if `writing_`.
  std::deque<::mentions::v1::SubscribeResponse> queue_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status end_ ABSL_GUARDED_BY(mutex_);
};

class ScriptedServer : public ::mentions::v1::MentionService::CallbackService {
 public:
  // Listens on a free loopback port.
  ScriptedServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~ScriptedServer() override { Die(); }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  // HOST:PORT.
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  // The next stream that a client opens; null if none is opened in time.
  std::shared_ptr<ScriptedStream> NextStream(absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    const auto opened = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !opened_.empty();
    };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&opened), timeout)) {
      return nullptr;
    }
    std::shared_ptr<ScriptedStream> stream = std::move(opened_.front());
    opened_.pop_front();
    return stream;
  }

  // Ends new streams immediately with this status, before any metadata.
  void Reject(const grpc::Status& status) {
    absl::MutexLock lock(&mutex_);
    rejection_ = status;
  }

  // Drops all connections, like a server that is killed: at a deadline that has
  // passed, open calls are cancelled.
  void Die() { server_->Shutdown(absl::ToChronoTime(absl::Now())); }

  // The generated class also has a synchronous method with this name.
  using ::mentions::v1::MentionService::CallbackService::Subscribe;
  grpc::ServerWriteReactor<::mentions::v1::SubscribeResponse>* Subscribe(
      grpc::CallbackServerContext* context,
      const ::mentions::v1::SubscribeRequest* request) override {
    const auto found = context->client_metadata().find("authorization");
    const bool none = found == context->client_metadata().end();
    const auto stream = std::make_shared<ScriptedStream>(
        *request,
        none ? "" : std::string(found->second.data(), found->second.size()));
    context->AddInitialMetadata("x-stream-id", "stream-1");
    absl::MutexLock lock(&mutex_);
    stream->Start(stream, rejection_);
    if (rejection_.ok()) opened_.push_back(stream);
    return stream.get();
  }

 private:
  int port_ = 0;
  absl::Mutex mutex_;
  std::deque<std::shared_ptr<ScriptedStream>> opened_ ABSL_GUARDED_BY(mutex_);
  grpc::Status rejection_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_CLIENT_SCRIPTED_SERVER_H_
