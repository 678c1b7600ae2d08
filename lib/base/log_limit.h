// Lets a line that many requests can cause at once be logged a few times a
// second only: a log must not fill the disk because GitHub is down, or because
// somebody sends nonsense.

#ifndef MENTIOND_LIB_BASE_LOG_LIMIT_H_
#define MENTIOND_LIB_BASE_LOG_LIMIT_H_

#include <cstdint>
#include <optional>
#include <ostream>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace mentiond {

// How many lines of a kind were left out since the last one that was logged.
// To be put at the end of the next: nothing where there are none.
struct LeftOut {
  int64_t lines = 0;

  friend std::ostream& operator<<(std::ostream& out, const LeftOut& left_out) {
    if (left_out.lines == 0) return out;
    return out << " (" << left_out.lines << " more since the last such line)";
  }
};

// Thread-safe. One for each kind of line, so that a flood of one kind does not
// hide another.
class LogLimit {
 public:
  // `per_second`: at least 1.
  explicit LogLimit(int per_second = 1) : per_second_(per_second) {}

  // Whether to log a line now; nullopt: it is left out. What is left out at the
  // end of a flood is told by the first line of the next.
  std::optional<LeftOut> Admit(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    // Also after the clock was set back.
    if (now >= began_ + absl::Seconds(1) || now < began_) {
      began_ = now;
      admitted_ = 0;
    }
    if (admitted_ == per_second_) {
      ++left_out_.lines;
      return std::nullopt;
    }
    ++admitted_;
    const LeftOut told = left_out_;
    left_out_ = {};
    return told;
  }

 private:
  const int per_second_;
  absl::Mutex mutex_;
  // Of the second that is counted.
  absl::Time began_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int admitted_ ABSL_GUARDED_BY(mutex_) = 0;
  LeftOut left_out_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_LOG_LIMIT_H_
