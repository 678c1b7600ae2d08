// What every part of one stand-in GitHub shares: what time it is, and which
// ids are still free.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_WORLD_H_
#define MENTIOND_TESTS_FAKE_GITHUB_WORLD_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace mentiond::fake_github {

// Safe to use from any thread. The function given to SetNow is called without
// a lock held and must be safe to call from any thread too.
class World {
 public:
  absl::Time Now() const;
  // Now() in whole seconds since 1970: GitHub's timestamps have no more.
  int64_t NowSeconds() const { return absl::ToUnixSeconds(Now()); }
  // Replaces the clock (absl::Now by default).
  void SetNow(std::function<absl::Time()> now);

  // An id that nothing here has yet. They start beyond 32 bits, as real ones
  // do by now, so that a truncation shows.
  int64_t NextId();
  // Makes NextId stay above `id`, which came from elsewhere.
  void ReserveId(int64_t id);

 private:
  mutable absl::Mutex mu_;
  std::function<absl::Time()> now_ ABSL_GUARDED_BY(mu_) = absl::Now;
  int64_t next_id_ ABSL_GUARDED_BY(mu_) = 5'000'000'001;
};

// Seconds since 1970 as GitHub writes them: "2024-03-01T12:00:00Z".
std::string TimeText(int64_t seconds);

// Seconds since 1970 of an RFC 3339 time, or nullopt if it is not one.
std::optional<int64_t> ParseTimeText(const std::string& text);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_WORLD_H_
