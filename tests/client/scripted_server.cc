#include "tests/client/scripted_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace mentiond {

using ::mentions::v1::SubscribeRequest;
using ::mentions::v1::SubscribeResponse;

void ScriptedStream::Send(const SubscribeResponse& response) {
  absl::MutexLock lock(&mutex_);
  queue_.push_back(response);
  Advance();
}

void ScriptedStream::End(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  end_ = status;
  ending_ = true;
  Advance();
}

void ScriptedStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  queue_.pop_front();
  if (!ok) {
    queue_.clear();
    ending_ = true;
  }
  Advance();
}

void ScriptedStream::OnCancel() {
  absl::MutexLock lock(&mutex_);
  ending_ = true;
  if (!writing_) queue_.clear();
  Advance();
}

void ScriptedStream::OnDone() {
  std::shared_ptr<ScriptedStream> self;
  {
    absl::MutexLock lock(&mutex_);
    self = std::move(self_);
  }
  gone_.Notify();
}

void ScriptedStream::Advance() {
  // The lock may be held, because gRPC does not invoke callbacks from these
  // calls.
  if (writing_ || finished_) return;
  if (!queue_.empty()) {
    writing_ = true;
    StartWrite(&queue_.front());
  } else if (ending_) {
    finished_ = true;
    Finish(end_);
  }
}

ScriptedServer::ScriptedServer() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

ScriptedServer::~ScriptedServer() { Die(); }

std::string ScriptedServer::address() const {
  return absl::StrCat("127.0.0.1:", port_);
}

std::shared_ptr<ScriptedStream> ScriptedServer::NextStream(
    absl::Duration timeout) {
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

void ScriptedServer::Reject(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  rejection_ = status;
}

void ScriptedServer::Die() {
  // A deadline that has passed, so that open calls are cancelled immediately.
  server_->Shutdown(absl::ToChronoTime(absl::Now()));
}

grpc::ServerWriteReactor<SubscribeResponse>* ScriptedServer::Subscribe(
    grpc::CallbackServerContext* context, const SubscribeRequest* request) {
  const auto found = context->client_metadata().find("authorization");
  auto stream = std::make_shared<ScriptedStream>(
      *request, found == context->client_metadata().end()
                    ? ""
                    : std::string(found->second.data(), found->second.size()));
  ScriptedStream* const reactor = stream.get();
  absl::MutexLock lock(&mutex_);
  {
    absl::MutexLock stream_lock(&stream->mutex_);
    stream->self_ = stream;
    if (!rejection_.ok()) {
      stream->ending_ = stream->finished_ = true;
      stream->Finish(rejection_);
      return reactor;
    }
    context->AddInitialMetadata("x-stream-id", "stream-1");
    stream->StartSendInitialMetadata();
  }
  opened_.push_back(std::move(stream));
  return reactor;
}

}  // namespace mentiond
