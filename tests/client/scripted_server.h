// A mentiond server on a real port, whose streams are controlled by a test.

#ifndef MENTIOND_TESTS_CLIENT_SCRIPTED_SERVER_H_
#define MENTIOND_TESTS_CLIENT_SCRIPTED_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
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
  void Send(const ::mentions::v1::SubscribeResponse& response);

  // Ends the stream after all queued responses; nothing may follow.
  void End(const grpc::Status& status);

  // Waits for the end of the call; false: not in time.
  bool WaitUntilGone(absl::Duration timeout) {
    return gone_.WaitForNotificationWithTimeout(timeout);
  }

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  friend class ScriptedServer;

  // Starts the next operation, if none is in progress.
  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ::mentions::v1::SubscribeRequest request_;
  const std::string authorization_;
  absl::Notification gone_;
  absl::Mutex mutex_;
  // Not yet written; the first one is being written if `writing_`.
  std::deque<::mentions::v1::SubscribeResponse> queue_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status end_ ABSL_GUARDED_BY(mutex_);
  // Keeps the stream alive until OnDone().
  std::shared_ptr<ScriptedStream> self_ ABSL_GUARDED_BY(mutex_);
};

class ScriptedServer : public ::mentions::v1::MentionService::CallbackService {
 public:
  // Listens on a free loopback port.
  ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer() override;

  // HOST:PORT.
  std::string address() const;

  // The next stream that a client opens; null if none is opened in time.
  std::shared_ptr<ScriptedStream> NextStream(absl::Duration timeout);

  // Ends new streams immediately with this status, before any metadata.
  void Reject(const grpc::Status& status);

  // Drops all connections, like a server that is killed.
  void Die();

  // The generated class also has a synchronous method with this name.
  using ::mentions::v1::MentionService::CallbackService::Subscribe;
  grpc::ServerWriteReactor<::mentions::v1::SubscribeResponse>* Subscribe(
      grpc::CallbackServerContext* context,
      const ::mentions::v1::SubscribeRequest* request) override;

 private:
  int port_ = 0;
  absl::Mutex mutex_;
  std::deque<std::shared_ptr<ScriptedStream>> opened_ ABSL_GUARDED_BY(mutex_);
  grpc::Status rejection_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_CLIENT_SCRIPTED_SERVER_H_
