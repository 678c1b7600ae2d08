#include "lib/stream/schedule.h"

#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"

namespace mentiond {
namespace {

// Polls that are due at nearly the same time are due at the same time: then the
// loop wakes once for all of them, and reads their responses together.
constexpr absl::Duration kGrain = absl::Milliseconds(50);

int64_t FloorDiv(absl::Duration time, absl::Duration by) {
  absl::Duration rest;
  const int64_t times = absl::IDivDuration(time, by, &rest);
  return rest < absl::ZeroDuration() ? times - 1 : times;
}

}  // namespace

uint64_t PhaseOf(const TokenHash& token, const RepoName& repo) {
  return absl::HashOf(token, absl::AsciiStrToLower(repo.ToString()));
}

Schedule::Schedule(absl::Duration interval, int full_every,
                   absl::Duration full_read_interval, uint64_t phase)
    : interval_(interval),
      full_every_(full_every),
      full_read_interval_(full_read_interval) {
  constexpr uint64_t kSteps = 1 << 20;
  const double fraction = static_cast<double>(phase % kSteps) / kSteps;
  start_ = absl::UnixEpoch() + absl::Floor(interval * fraction, kGrain);
  full_offset_ = static_cast<int64_t>((phase / kSteps) %
                                      static_cast<uint64_t>(full_every));
  if (full_read_interval != absl::InfiniteDuration()) {
    full_read_start_ =
        absl::UnixEpoch() +
        absl::Floor(full_read_interval * fraction, absl::Nanoseconds(1));
  }
}

int64_t Schedule::FullReadNumber(absl::Time time) const {
  if (full_read_interval_ == absl::InfiniteDuration()) return 0;
  return FloorDiv(time - full_read_start_, full_read_interval_);
}

int64_t Schedule::TickAt(absl::Time now) const {
  return FloorDiv(now - start_, interval_);
}

absl::Time Schedule::After(absl::Time now) const {
  return start_ + (TickAt(now) + 1) * interval_;
}

bool Schedule::IsFull(absl::Time now) const {
  return (TickAt(now) + full_offset_) % full_every_ == 0;
}

}  // namespace mentiond
