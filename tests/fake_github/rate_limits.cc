#include "tests/fake_github/rate_limits.h"

#include <algorithm>

namespace mentiond::fake_github {

RateState RateLimits::Spend(const std::string& caller, RateResource resource,
                            int64_t now, int64_t points) {
  absl::MutexLock lock(&mu_);
  Window& window = windows_[{caller, resource}];
  if (now >= window.reset) window = {0, now + 3600};
  window.used += points;
  const Limits& limits = limits_.at(resource);
  RateState state;
  state.limit = caller.empty() ? limits.anonymous : limits.known;
  state.used = window.used;
  state.remaining = std::max<int64_t>(0, state.limit - window.used);
  state.reset = window.reset;
  return state;
}

void RateLimits::SetLimit(RateResource resource, int64_t limit,
                          int64_t anonymous_limit) {
  absl::MutexLock lock(&mu_);
  limits_[resource] = {limit, anonymous_limit};
}

void RateLimits::SetRemaining(const std::string& caller, RateResource resource,
                              int64_t remaining, int64_t now) {
  Spend(caller, resource, now,
        Spend(caller, resource, now, 0).remaining - remaining);
}

}  // namespace mentiond::fake_github
