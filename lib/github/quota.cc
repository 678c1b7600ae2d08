#include "lib/github/quota.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

#include "lib/github/delay.h"

namespace mentiond {
namespace {

using mentions::v1::Delayed;

// GitHub: "wait at least one minute", then exponentially.
constexpr absl::Duration kFirstWait = absl::Minutes(1);
constexpr absl::Duration kLongestWait = absl::Hours(1);
// A `retry-after` of nothing must not make a busy loop.
constexpr absl::Duration kShortestWait = absl::Seconds(1);
// 900 points a minute are GitHub's limit for one endpoint: 15 a second.
constexpr absl::Duration kFirstSpacing = absl::Milliseconds(100);
constexpr absl::Duration kLargestSpacing = absl::Seconds(2);
constexpr absl::Duration kSpacedFor = absl::Hours(1);
// A reset is told in whole seconds.
constexpr absl::Duration kResetMargin = absl::Seconds(1);

int64_t ReserveOf(const RateLimit& rate) {
  return std::max<int64_t>(1, rate.limit / 100);
}

absl::Status Wait(Delayed::Reason reason, absl::Time until,
                  absl::string_view words) {
  return WithDelay(absl::UnavailableError(words), {reason, until});
}

}  // namespace

absl::Status Quota::Admit(Priority priority, absl::Time now) const {
  if (refusal_ != nullptr && now < refusal_->blocked_until) {
    return refusal_->secondary
               ? Wait(Delayed::REASON_SECONDARY_RATE_LIMITED,
                      refusal_->blocked_until,
                      "GitHub asked this token to slow down")
               : Wait(Delayed::REASON_RATE_LIMITED, refusal_->blocked_until,
                      "GitHub's rate limit for this token is used up");
  }
  const std::optional<RateLimit> rate = rate_limit(now);
  if (!rate) return absl::OkStatus();
  const absl::Time slot = NextSlot(*rate, priority);
  if (now >= slot) return absl::OkStatus();
  return Wait(Delayed::REASON_RATE_LIMITED, slot,
              absl::StrCat("GitHub's rate limit for this token is nearly used "
                           "up: ",
                           rate->remaining, " of ", rate->limit, " left"));
}

absl::Time Quota::NextSlot(const RateLimit& rate, Priority priority) const {
  if (rate.remaining >= rate.limit / 5) return absl::InfinitePast();
  const absl::Time over = rate.reset + kResetMargin;
  const int64_t kept = priority == Priority::kLive
                           ? ReserveOf(rate)
                           : std::max(ReserveOf(rate), rate.limit / 10);
  const int64_t usable = rate.remaining - kept;
  if (usable < cost_) return over;
  // Spread evenly from the last point used to the end of the window.
  const absl::Time from = std::min(last_point_, over);
  // Another query as expensive as the last one.
  return std::min(from + (over - from) * cost_ / usable, over);
}

absl::Duration Quota::PauseBefore(Priority priority, absl::Time now) const {
  if (priority == Priority::kLive || refusal_ == nullptr ||
      now >= refusal_->spaced_until) {
    return absl::ZeroDuration();
  }
  return std::max(refusal_->last_response + refusal_->spacing - now,
                  absl::ZeroDuration());
}

void Quota::Note(const std::optional<RateLimit>& rate_limit, int64_t cost,
                 absl::Time now) {
  if (refusal_ != nullptr) {
    refusal_->count = 0;
    refusal_->last_response = now;
  }
  if (rate_limit) rate_ = rate_limit;
  if (cost == 0) return;
  last_point_ = now;
  cost_ = cost;
}

void Quota::NoteRefusal(const ResponseMeta& meta, bool secondary,
                        absl::Time now) {
  if (meta.rate_limit) rate_ = meta.rate_limit;
  if (refusal_ == nullptr) refusal_ = std::make_unique<Refusal>();
  Refusal& refusal = *refusal_;
  refusal.secondary = secondary || !meta.exhausted;
  if (refusal.secondary) {
    const bool again = now < refusal.spaced_until;
    refusal.spacing =
        again ? std::min(refusal.spacing * 2, kLargestSpacing) : kFirstSpacing;
    refusal.spaced_until = now + kSpacedFor;
  }
  absl::Duration wait = kFirstWait;
  for (int i = 0; i < refusal.count && wait < kLongestWait; ++i) wait *= 2;
  wait = std::min(wait, kLongestWait);
  ++refusal.count;
  if (meta.retry_after) {
    refusal.blocked_until = now + std::max(*meta.retry_after, kShortestWait);
  } else if (meta.exhausted && meta.rate_limit &&
             meta.rate_limit->reset > now) {
    refusal.blocked_until = meta.rate_limit->reset + kResetMargin;
  } else {
    refusal.blocked_until = now + wait;
  }
}

std::optional<RateLimit> Quota::rate_limit(absl::Time now) const {
  if (!rate_ || now >= rate_->reset + kResetMargin) return std::nullopt;
  return rate_;
}

}  // namespace mentiond
