// Remembers which requests failed, so that all who make the same request wait
// for the same next attempt instead of each making their own.

#ifndef MENTIOND_LIB_GITHUB_FAILURE_MEMORY_H_
#define MENTIOND_LIB_GITHUB_FAILURE_MEMORY_H_

#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

#include "lib/base/backoff.h"
#include "lib/github/page_cache.h"

namespace mentiond {

// Not thread-safe. Bounded: a failure is forgotten ten minutes after the next
// attempt was due; of more than kMax failures further ones are not remembered,
// and each of their callers waits for an attempt of its own.
class FailureMemory {
 public:
  static constexpr size_t kMax = 400'000;

  FailureMemory(BackoffPolicy policy, UniformRandom random)
      : policy_(policy), random_(std::move(random)) {}

  // OK when the request may be sent now; otherwise its last failure, with the
  // Delay attached until the next attempt.
  absl::Status Check(const RequestKey& key, absl::Time now) const;

  // The attempt failed: returns the status for the callers, with the Delay
  // attached. The delays grow with each consecutive failure.
  absl::Status Failed(const RequestKey& key, absl::Status status,
                      absl::Time now);

  // The attempt succeeded.
  void Succeeded(const RequestKey& key) { failures_.erase(key); }

  size_t size() const { return failures_.size(); }

 private:
  // Small, as there is one for each stream when GitHub is down.
  struct Failure {
    absl::Duration ceiling;  // of the wait after the next failure
    absl::Time retry_at;
    absl::Status status;  // without the Delay
  };

  static absl::Status StatusOf(const Failure& failure);

  const BackoffPolicy policy_;
  const UniformRandom random_;
  absl::flat_hash_map<RequestKey, Failure> failures_;
  size_t tidy_at_ = 1024;
  absl::Time tidied_at_ = absl::InfinitePast();
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_FAILURE_MEMORY_H_
