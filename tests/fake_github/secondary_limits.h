// GitHub's secondary rate limits: how many requests of one caller may be under
// way at a time, and how many points one endpoint gives a caller in a minute.
// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api

#ifndef MENTIOND_TESTS_FAKE_GITHUB_SECONDARY_LIMITS_H_
#define MENTIOND_TESTS_FAKE_GITHUB_SECONDARY_LIMITS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace mentiond::fake_github {

// What is left out is as GitHub documents it.
struct SecondaryLimitOptions {
  // 0: no limit.
  int64_t concurrent = 100;
  // Of one caller at one endpoint, a request being a point; 0: no limit.
  int64_t points_per_minute = 900;
  // Of the refusals: GitHub responds with 403 at times and 429 at others,
  int status = 403;
  // and does not always say when to come back.
  bool retry_after = true;
};

// What the points of a path are counted by: names and numbers count as one, as
// a single repository or pull request is no endpoint of its own, so that
// /repos/octo/demo/pulls/7/reviews is "/repos/*/pulls/*/reviews" and
// /repositories/5/pulls/7/reviews too.
std::string EndpointOf(std::string_view path);

// Safe to use from any thread. A caller is any text that tells users apart.
// There are no limits until some are set.
class SecondaryLimits {
 public:
  // A request under way, for as long as this lives.
  class Slot {
   public:
    // `limits` must outlive this object.
    Slot(SecondaryLimits& limits, std::string caller);
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    // False: there were too many already, and this one does not count.
    bool granted() const { return granted_; }

   private:
    SecondaryLimits& limits_;
    const std::string caller_;
    const bool granted_;
  };

  void Set(const SecondaryLimitOptions& options);
  SecondaryLimitOptions options() const;

  // Takes a point of the minute that began with the caller's first request at
  // this endpoint. Returns 0, or, when none is left, for how many seconds.
  // `now` is in seconds since 1970.
  int64_t TakePoint(const std::string& caller, std::string_view path,
                    int64_t now);

 private:
  struct Minute {
    int64_t used = 0;
    int64_t end = 0;
  };

  bool Enter(const std::string& caller);
  void Leave(const std::string& caller);

  mutable absl::Mutex mu_;
  SecondaryLimitOptions options_ ABSL_GUARDED_BY(mu_) = {
      .concurrent = 0, .points_per_minute = 0};
  std::map<std::string, int64_t> under_way_ ABSL_GUARDED_BY(mu_);
  std::map<std::pair<std::string, std::string>, Minute> minutes_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_SECONDARY_LIMITS_H_
