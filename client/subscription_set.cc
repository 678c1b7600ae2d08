#include "client/subscription_set.h"

#include <list>
#include <utility>

#include "asio/io_context.hpp"
#include "asio/post.hpp"

#include "client/internal/resuming_stream.h"
#include "client/internal/stream_call.h"
#include "client/internal/token_keeper.h"
#include "lib/base/task_scope.h"

namespace mentiond::client {

class SubscriptionSet::Impl {
 public:
  explicit Impl(Options options)
      : options_(std::move(options)),
        clock_(options_.clock != nullptr ? *options_.clock : system_clock_),
        channel_(MakeChannel(options_.server, options_.credentials)),
        tokens_(loop_.get_executor(), clock_, options_.token_source),
        tasks_(loop_.get_executor()) {}

  void Add(::mentions::v1::SubscribeRequest request,
           SubscriptionListener& listener) {
    streams_.emplace_back(options_, clock_, channel_, tokens_,
                          std::move(request), listener);
  }

  void Run() {
    for (ResumingStream& stream : streams_) tasks_.Spawn(stream.Run());
    // Returns when all have ended.
    loop_.run();
  }

  void Cancel() {
    asio::post(loop_, [this] { tasks_.CancelAll(); });
  }

 private:
  const Options options_;
  RealClock system_clock_;
  Clock& clock_;
  asio::io_context loop_{1};
  const std::shared_ptr<grpc::Channel> channel_;
  TokenKeeper tokens_;
  std::list<ResumingStream> streams_;
  // The last member: its tasks use the others.
  TaskScope tasks_;
};

SubscriptionSet::SubscriptionSet(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

SubscriptionSet::~SubscriptionSet() = default;

void SubscriptionSet::Add(::mentions::v1::SubscribeRequest request,
                          SubscriptionListener& listener) {
  impl_->Add(std::move(request), listener);
}

void SubscriptionSet::Run() { impl_->Run(); }

void SubscriptionSet::Cancel() { impl_->Cancel(); }

}  // namespace mentiond::client
