#include "tests/e2e/crowd.h"

#include <utility>

#include "absl/time/clock.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "grpcpp/support/client_callback.h"

#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond {

using mentions::v1::MentionService;
using mentions::v1::SubscribeRequest;
using mentions::v1::SubscribeResponse;

namespace {

constexpr size_t kStreamsPerChannel = 100;

}  // namespace

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                   arguments);
}

// One stream; the crowd outlives it.
class Crowd::Reader final : public grpc::ClientReadReactor<SubscribeResponse> {
 public:
  Reader(Crowd& crowd, const std::shared_ptr<grpc::Channel>& channel,
         const SubscribeRequest& request)
      : crowd_(crowd),
        request_(request),
        stub_(MentionService::NewStub(channel)) {
    context_.set_wait_for_ready(true);
    stub_->async()->Subscribe(&context_, &request_, this);
    StartRead(&event_);
    StartCall();
  }

  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    crowd_.OnEvent(event_);
    StartRead(&event_);
  }

  void OnDone(const grpc::Status&) override {
    absl::MutexLock lock(&crowd_.mutex_);
    ++crowd_.done_;
  }

 private:
  Crowd& crowd_;
  const SubscribeRequest request_;
  const std::unique_ptr<MentionService::Stub> stub_;
  grpc::ClientContext context_;
  SubscribeResponse event_;
};

Crowd::Crowd(const std::string& address, const SubscribeRequest& request,
             size_t count)
    : count_(count) {
  std::shared_ptr<grpc::Channel> channel;
  for (size_t i = 0; i < count; ++i) {
    if (i % kStreamsPerChannel == 0) channel = NewChannel(address);
    readers_.push_back(std::make_unique<Reader>(*this, channel, request));
  }
}

Crowd::~Crowd() {
  for (const auto& reader : readers_) reader->Cancel();
  absl::MutexLock lock(&mutex_);
  const auto all_done = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return done_ == count_;
  };
  mutex_.Await(absl::Condition(&all_done));
}

void Crowd::OnEvent(const SubscribeResponse& event) {
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  if (event.has_synced()) ++synced_;
  if (!event.has_mention()) return;
  if (event.mention().body() != last_body_) {
    last_body_ = event.mention().body();
    arrivals_.clear();
  }
  arrivals_.push_back(now);
}

bool Crowd::AwaitSynced(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto all_synced = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return synced_ == count_;
  };
  return mutex_.AwaitWithDeadline(absl::Condition(&all_synced), deadline);
}

std::vector<absl::Time> Crowd::AwaitMention(const std::string& body,
                                            absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto all_have_it = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return last_body_ == body && arrivals_.size() == count_;
  };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&all_have_it), deadline)) {
    return {};
  }
  return arrivals_;
}

}  // namespace mentiond
