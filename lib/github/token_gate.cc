#include "lib/github/token_gate.h"

#include <algorithm>
#include <utility>

#include "asio/this_coro.hpp"

#include "lib/base/task_scope.h"

namespace mentiond {

asio::awaitable<absl::StatusOr<TokenGate::Pass>> TokenGate::Enter(
    Resource resource, Priority priority) {
  auto turn = turns_.TryTake();
  if (!turn) turn = co_await turns_.Take(priority);
  if (!turn) co_return absl::CancelledError("the request was cancelled");
  Pass pass{shared_from_this(), *std::move(turn)};
  Quota& quota = this->quota(resource);
  absl::Time now = clock_.Now();
  for (absl::Duration pause;
       (pause = PauseBefore(resource, priority, now)) > absl::ZeroDuration();
       now = clock_.Now()) {
    co_await clock_.SleepUntil(now + pause);
    const bool cancelled =
        IsCancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) {
      co_return absl::CancelledError("the request was cancelled");
    }
  }
  // Checked only now: while this waited, others have used points.
  const absl::Status admitted = quota.Admit(priority, now);
  if (!admitted.ok()) co_return admitted;
  NoteRequest(now);
  co_return pass;
}

absl::Duration TokenGate::PauseBefore(Resource resource, Priority priority,
                                      absl::Time now) {
  absl::Duration pause = quota(resource).PauseBefore(priority, now);
  if (!by_minute_ || per_minute_ == 0) return pause;
  // Histories leave some to polls.
  const int limit =
      priority == Priority::kLive ? per_minute_ : per_minute_ - per_minute_ / 9;
  return std::max(pause, sent_.BelowAt(limit, now) - now);
}

bool TokenGate::IsFresh() const {
  return IsUnused() &&
         std::all_of(rejections_.begin(), rejections_.end(),
                     [&](const Rejections& rejections) {
                       return rejections.Check(clock_.Now()).ok();
                     }) &&
         std::all_of(quotas_.begin(), quotas_.end(), [&](const Quota& quota) {
           return quota.Admit(Priority::kHistory, clock_.Now()).ok() &&
                  !quota.rate_limit(clock_.Now());
         });
}

std::shared_ptr<TokenGate> TokenGates::For(const TokenHash& token) {
  std::shared_ptr<TokenGate>& gate = gates_[token];
  if (gate != nullptr) return gate;
  gate = std::make_shared<TokenGate>(clock_, max_at_once_, per_minute_);
  std::shared_ptr<TokenGate> made = gate;
  if (gates_.size() >= tidy_at_) ForgetSome();
  return made;
}

void TokenGates::ForgetSome() {
  size_t unused = 0;
  const auto is_unused = [](const auto& entry) {
    return entry.second.use_count() == 1 && entry.second->IsUnused();
  };
  absl::erase_if(gates_, [&](const auto& entry) {
    if (!is_unused(entry)) return false;
    if (entry.second->IsFresh()) return true;
    ++unused;
    return false;
  });
  // GitHub tells their limits again with the next response.
  if (unused > kMaxUnused) absl::erase_if(gates_, is_unused);
  // Each tidying pays for as many gates as it leaves.
  tidy_at_ = std::max<size_t>(1024, 2 * gates_.size());
}

TokenInfo TokenGates::InfoOf(const TokenHash& token) const {
  const auto found = gates_.find(token);
  if (found == gates_.end()) return {};
  TokenGate& gate = *found->second;
  const absl::Time now = clock_.Now();
  return {.rest = gate.quota(Resource::kRest).rate_limit(now),
          .graphql = gate.quota(Resource::kGraphQl).rate_limit(now),
          .expires_at = gate.expires_at()};
}

void TokenGates::ForEachQuota(
    const std::function<void(Resource, const RateLimit&)>& visit) const {
  const absl::Time now = clock_.Now();
  for (const auto& [token, gate] : gates_) {
    for (const Resource resource : {Resource::kRest, Resource::kGraphQl}) {
      const auto rate = gate->quota(resource).rate_limit(now);
      if (rate) visit(resource, *rate);
    }
  }
}

}  // namespace mentiond
