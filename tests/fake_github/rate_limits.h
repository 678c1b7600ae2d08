// GitHub's primary rate limits: so many points an hour for each user, counted
// in fixed windows.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_RATE_LIMITS_H_
#define MENTIOND_TESTS_FAKE_GITHUB_RATE_LIMITS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace mentiond::fake_github {

enum class RateResource { kCore, kGraphQl };

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
  // Uses up points, also more than there are; what holds afterwards.
  RateState Spend(const std::string& caller, RateResource resource, int64_t now,
                  int64_t points);

  // By default 5000 each, and without a token 60 and 0.
  void SetLimit(RateResource resource, int64_t limit, int64_t anonymous_limit);

  // How many points `caller` has left until the window ends.
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

  absl::Mutex mu_;
  std::map<std::pair<std::string, RateResource>, Window> windows_
      ABSL_GUARDED_BY(mu_);
  std::map<RateResource, Limits> limits_ ABSL_GUARDED_BY(mu_) = {
      {RateResource::kCore, {5000, 60}}, {RateResource::kGraphQl, {5000, 0}}};
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_RATE_LIMITS_H_
