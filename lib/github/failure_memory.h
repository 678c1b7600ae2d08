// Remembers which questions GitHub has failed to answer, so that all who ask
// the same wait for the same next attempt instead of each making their own.

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

// Not thread-safe.
class FailureMemory {
 public:
  FailureMemory(BackoffPolicy policy, UniformRandom random)
      : policy_(policy), random_(std::move(random)) {}

  // OK when the question may be asked now; else its last failure, with the
  // Delay attached until which it waits.
  absl::Status Check(const PageKey& key, absl::Time now) const;

  // The attempt failed: the status to give to those who asked, with the Delay
  // attached. The waits grow with each failure in a row.
  absl::Status Failed(const PageKey& key, absl::Status status, absl::Time now);

  // The attempt brought an answer.
  void Succeeded(const PageKey& key) { failures_.erase(key); }

  size_t size() const { return failures_.size(); }

 private:
  struct Failure {
    Backoff backoff;
    absl::Time retry_at;
    absl::Status status;
  };

  const BackoffPolicy policy_;
  const UniformRandom random_;
  absl::flat_hash_map<PageKey, Failure> failures_;
  size_t tidy_at_ = 1024;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_FAILURE_MEMORY_H_
