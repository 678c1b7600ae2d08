// Counts what happened within the last minute, in little memory.

#ifndef MENTIOND_LIB_GITHUB_MINUTE_WINDOW_H_
#define MENTIOND_LIB_GITHUB_MINUTE_WINDOW_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "absl/time/time.h"

namespace mentiond {

// Counts in steps of ten seconds, so what it counts is forgotten after 60 to 70
// seconds. Not thread-safe; `now` never decreases.
class MinuteWindow {
 public:
  void Note(absl::Time now) {
    Advance(now);
    if (counts_.back() < UINT16_MAX) ++counts_.back();
  }

  // From when on fewer than `limit` (at least 1) are counted, if no more are
  // noted: `now`, or later by 70 seconds at most.
  absl::Time BelowAt(int limit, absl::Time now) {
    Advance(now);
    int count = std::accumulate(counts_.begin(), counts_.end(), 0);
    if (count < limit) return now;
    // The oldest go first.
    for (size_t i = 0; i < kSteps; ++i) {
      count -= counts_[i];
      if (count < limit) return TimeOf(step_ + static_cast<int32_t>(i) + 1);
    }
    return TimeOf(step_ + static_cast<int32_t>(kSteps));
  }

 private:
  static constexpr absl::Duration kStep = absl::Seconds(10);
  static constexpr size_t kSteps = 7;

  static absl::Time TimeOf(int32_t step) {
    return absl::UnixEpoch() + step * kStep;
  }

  void Advance(absl::Time now) {
    const auto step = static_cast<int32_t>((now - absl::UnixEpoch()) / kStep);
    const int32_t passed = step - step_;
    if (passed <= 0) return;
    step_ = step;
    if (passed >= static_cast<int32_t>(kSteps)) {
      counts_.fill(0);
      return;
    }
    const auto by = static_cast<size_t>(passed);
    for (size_t i = 0; i < kSteps; ++i) {
      counts_[i] = i + by < kSteps ? counts_[i + by] : 0;
    }
  }

  int32_t step_ = 0;  // the last one
  std::array<uint16_t, kSteps> counts_ = {};
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_MINUTE_WINDOW_H_
