#include "lib/stream/delivery.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "asio/post.hpp"
#include "asio/use_awaitable.hpp"

#include "lib/base/task_scope.h"
#include "lib/mention/extractor.h"
#include "lib/stream/resume_token.h"

namespace mentiond {

Delivery::Delivery(const Subscription& subscription, ResumePoint from,
                   EventQueue& queue)
    : subscription_(subscription),
      queue_(queue),
      subscription_hash_(SubscriptionHash(subscription.repo, subscription.user,
                                          subscription.sources)),
      point_(std::move(from)) {}

asio::awaitable<absl::StatusOr<bool>> Delivery::Mentions(const Item& item) {
  bool mentions = subscription_.sources.Contains(item.source) &&
                  MayMention(item.body, subscription_.user);
  if (mentions) {
    if (item.mentions == nullptr) {
      item.mentions = std::make_shared<const std::vector<std::string>>(
          ExtractMentions(item.body));
      // Parsing can take long, and many bodies can come in a row: the other
      // streams have their turn in between.
      co_await asio::post(asio::use_awaitable);
      if (co_await IsCancelled()) {
        co_return absl::CancelledError("the stream was cancelled");
      }
    }
    mentions = std::find(item.mentions->begin(), item.mentions->end(),
                         subscription_.user.lower()) != item.mentions->end();
  }
  co_return mentions;
}

asio::awaitable<absl::Status> Delivery::Send(EventQueue::Event event) {
  event.set_resume_token(ResumeToken());
  co_return co_await queue_.Push(std::move(event));
}

const std::string& Delivery::ResumeToken() {
  const uint64_t revision = point_.revision();
  if (token_revision_ == revision) return token_;
  token_revision_ = revision;
  token_ = EncodeResumeToken(point_, subscription_hash_);
  return token_;
}

}  // namespace mentiond
