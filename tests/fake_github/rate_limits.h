// GitHub's primary rate limit: so many points an hour (for search: a minute)
// for each user, counted in fixed windows.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_RATE_LIMITS_H_
#define MENTIOND_TESTS_FAKE_GITHUB_RATE_LIMITS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace mentiond::fake_github {

enum class RateResource { kCore, kSearch, kGraphQl };

// "core", "search" or "graphql", as X-RateLimit-Resource has it.
const char* RateResourceName(RateResource resource);

struct RateState {
  int64_t limit = 0;
  int64_t remaining = 0;
  int64_t used = 0;
  // Seconds since 1970.
  int64_t reset = 0;
};

// Safe to use from any thread. A caller is any text that tells users apart;
// "" is everybody without a token. Times are seconds since 1970.
class RateLimits {
 public:
  // Takes points if any are left. The state is what holds afterwards; `false`:
  // there were none left, and none were taken.
  std::pair<bool, RateState> Take(const std::string& caller,
                                  RateResource resource, int64_t now,
                                  int64_t points = 1);

  // Gives back the point of a request that turned out to be free.
  RateState GiveBack(const std::string& caller, RateResource resource,
                     int64_t now);

  RateState Peek(const std::string& caller, RateResource resource, int64_t now);

  // By default 5000 (REST and GraphQL each) and 30 (search); 60, 0 and 10 for
  // those without a token.
  void SetLimit(RateResource resource, int64_t limit, int64_t anonymous_limit);

  // Sets how many points `caller` has left until the window ends.
  void SetRemaining(const std::string& caller, RateResource resource,
                    int64_t remaining, int64_t now);

 private:
  struct Window {
    int64_t used = 0;
    int64_t reset = 0;
  };
  struct Limits {
    int64_t known;
    int64_t anonymous;
  };

  Window& Current(const std::string& caller, RateResource resource, int64_t now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  RateState State(const std::string& caller, RateResource resource,
                  const Window& window) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  absl::Mutex mu_;
  std::map<std::pair<std::string, RateResource>, Window> windows_
      ABSL_GUARDED_BY(mu_);
  std::map<RateResource, Limits> limits_ ABSL_GUARDED_BY(mu_) = {
      {RateResource::kCore, {5000, 60}},
      {RateResource::kSearch, {30, 10}},
      {RateResource::kGraphQl, {5000, 0}}};
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_RATE_LIMITS_H_
