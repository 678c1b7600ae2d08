#include "lib/github/failure_memory.h"

#include <algorithm>
#include <utility>

#include "lib/github/delay.h"

namespace mentiond {
namespace {

// How long a failure is kept after its next attempt was due.
constexpr absl::Duration kForgetAfter = absl::Minutes(10);

}  // namespace

absl::Status FailureMemory::Check(const RequestKey& key, absl::Time now) const {
  const auto found = failures_.find(key);
  if (found == failures_.end() || now >= found->second.retry_at) {
    return absl::OkStatus();
  }
  return StatusOf(found->second);
}

absl::Status FailureMemory::Failed(const RequestKey& key, absl::Status status,
                                   absl::Time now) {
  const bool is_full = failures_.size() >= kMax;
  if (failures_.size() >= tidy_at_ ||
      (is_full && now >= tidied_at_ + kForgetAfter / 10)) {
    absl::erase_if(failures_, [&](const auto& entry) {
      return entry.second.retry_at + kForgetAfter < now;
    });
    // Each tidying pays for as many failures as it leaves.
    tidy_at_ = std::max<size_t>(1024, 2 * failures_.size());
    tidied_at_ = now;
  }
  Failure once{.ceiling = policy_.initial, .retry_at = now, .status = {}};
  const bool no_room = failures_.size() >= kMax && !failures_.contains(key);
  Failure& failure =
      no_room ? once
              : failures_.try_emplace(key, std::move(once)).first->second;
  failure.retry_at = now + NextWait(policy_, random_, failure.ceiling);
  failure.status = std::move(status);
  return StatusOf(failure);
}

absl::Status FailureMemory::StatusOf(const Failure& failure) {
  return WithDelay(
      failure.status,
      {.reason = mentions::v1::Delayed::REASON_UPSTREAM_UNAVAILABLE,
       .retry_at = failure.retry_at});
}

}  // namespace mentiond
