#include "tests/fake_github/rate_limits.h"

#include <algorithm>

namespace mentiond::fake_github {
namespace {

int64_t WindowSeconds(RateResource resource) {
  return resource == RateResource::kSearch ? 60 : 3600;
}

}  // namespace

const char* RateResourceName(RateResource resource) {
  switch (resource) {
    case RateResource::kCore:
      return "core";
    case RateResource::kSearch:
      return "search";
    case RateResource::kGraphQl:
      break;
  }
  return "graphql";
}

RateLimits::Window& RateLimits::Current(const std::string& caller,
                                        RateResource resource, int64_t now) {
  Window& window = windows_[{caller, resource}];
  if (now >= window.reset) window = {0, now + WindowSeconds(resource)};
  return window;
}

RateState RateLimits::State(const std::string& caller, RateResource resource,
                            const Window& window) const {
  const Limits& limits = limits_.at(resource);
  RateState state;
  state.limit = caller.empty() ? limits.anonymous : limits.known;
  state.used = window.used;
  state.remaining = std::max<int64_t>(0, state.limit - window.used);
  state.reset = window.reset;
  return state;
}

std::pair<bool, RateState> RateLimits::Take(const std::string& caller,
                                            RateResource resource, int64_t now,
                                            int64_t points) {
  absl::MutexLock lock(&mu_);
  Window& window = Current(caller, resource, now);
  const bool left = State(caller, resource, window).remaining > 0;
  if (left) window.used += points;
  return {left, State(caller, resource, window)};
}

RateState RateLimits::GiveBack(const std::string& caller, RateResource resource,
                               int64_t now) {
  absl::MutexLock lock(&mu_);
  Window& window = Current(caller, resource, now);
  window.used = std::max<int64_t>(0, window.used - 1);
  return State(caller, resource, window);
}

RateState RateLimits::Peek(const std::string& caller, RateResource resource,
                           int64_t now) {
  absl::MutexLock lock(&mu_);
  return State(caller, resource, Current(caller, resource, now));
}

void RateLimits::SetLimit(RateResource resource, int64_t limit,
                          int64_t anonymous_limit) {
  absl::MutexLock lock(&mu_);
  limits_[resource] = {limit, anonymous_limit};
}

void RateLimits::SetRemaining(const std::string& caller, RateResource resource,
                              int64_t remaining, int64_t now) {
  absl::MutexLock lock(&mu_);
  Window& window = Current(caller, resource, now);
  window.used = State(caller, resource, window).limit - remaining;
}

}  // namespace mentiond::fake_github
