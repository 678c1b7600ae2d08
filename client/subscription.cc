#include "client/subscription.h"

#include <string_view>
#include <utility>

namespace mentiond::client {
namespace {

// Passes everything on, and keeps the end.
class EndKeeper final : public SubscriptionListener {
 public:
  explicit EndKeeper(SubscriptionListener& listener) : listener_(listener) {}

  void OnConnected(std::string_view stream_id) override {
    listener_.OnConnected(stream_id);
  }
  absl::Status OnEvent(
      const ::mentions::v1::SubscribeResponse& response) override {
    return listener_.OnEvent(response);
  }
  void OnDisconnected(const absl::Status& reason,
                      absl::Duration wait) override {
    listener_.OnDisconnected(reason, wait);
  }
  void OnEnd(const SubscriptionEnd& end) override {
    end_ = end;
    listener_.OnEnd(end);
  }

  const SubscriptionEnd& end() const { return end_; }

 private:
  SubscriptionListener& listener_;
  SubscriptionEnd end_;
};

}  // namespace

Subscription::Subscription(Options options,
                           ::mentions::v1::SubscribeRequest request)
    : set_(std::move(options)), request_(std::move(request)) {}

SubscriptionEnd Subscription::Run(SubscriptionListener& listener) {
  EndKeeper keeper(listener);
  set_.Add(std::move(request_), keeper);
  set_.Run();
  return keeper.end();
}

void Subscription::Start(SubscriptionListener& listener) {
  thread_ = std::thread([this, &listener] { end_ = Run(listener); });
}

SubscriptionEnd Subscription::Join() {
  thread_.join();
  return end_;
}

}  // namespace mentiond::client
