// How many calls gRPC has not done with yet, so that a shutdown can let their
// last messages leave and need not wait for connections.

#ifndef MENTIOND_SERVER_OPEN_CALLS_H_
#define MENTIOND_SERVER_OPEN_CALLS_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace mentiond {

// Thread-safe.
class OpenCalls {
 public:
  void Began() {
    absl::MutexLock lock(&mutex_);
    ++count_;
  }
  void Ended() {
    absl::MutexLock lock(&mutex_);
    --count_;
  }
  // Whether there is none, which it waits for.
  bool AwaitNone(absl::Duration at_most) {
    absl::MutexLock lock(&mutex_);
    const auto none = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return count_ == 0;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&none), at_most);
  }

 private:
  absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_OPEN_CALLS_H_
