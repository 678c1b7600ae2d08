#include "lib/stream/schedule.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "lib/base/hashed_token.h"
#include "lib/base/stable_hash.h"

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

uint64_t PhaseOf(const Secret& token, const RepoName& repo) {
  return StableHash(absl::StrCat(HashedToken(token), " ", repo.key()));
}

absl::Time InStep(absl::Time time) {
  if (time == absl::InfiniteFuture()) return time;
  return absl::UnixEpoch() + absl::Ceil(time - absl::UnixEpoch(), kGrain);
}

absl::Duration SustainableInterval(absl::Duration interval, int full_every,
                                   size_t repositories, int per_minute) {
  if (per_minute == 0) return interval;
  // A poll requests one listing; a full one, three.
  const double requests = 1 + 2.0 / full_every;
  const absl::Duration needed = absl::Minutes(1) * requests *
                                static_cast<double>(repositories) /
                                (per_minute * 2.0 / 3.0);
  // Not a step more for a rounding error.
  return std::max(
      interval,
      absl::Ceil(absl::Floor(needed, absl::Milliseconds(1)), interval / 4));
}

Schedule::Schedule(int full_every, absl::Duration full_read_interval,
                   uint64_t phase)
    : full_every_(full_every), full_read_interval_(full_read_interval) {
  constexpr uint64_t kSteps = 1 << 20;
  fraction_ = static_cast<double>(phase % kSteps) / kSteps;
  full_offset_ = static_cast<int64_t>((phase / kSteps) %
                                      static_cast<uint64_t>(full_every));
  if (full_read_interval != absl::InfiniteDuration()) {
    full_read_start_ =
        absl::UnixEpoch() +
        absl::Floor(full_read_interval * fraction_, absl::Nanoseconds(1));
  }
}

int64_t Schedule::FullReadNumber(absl::Time time) const {
  if (full_read_interval_ == absl::InfiniteDuration()) return 0;
  return FloorDiv(time - full_read_start_, full_read_interval_);
}

absl::Time Schedule::StartOf(absl::Duration interval) const {
  return absl::UnixEpoch() + absl::Floor(interval * fraction_, kGrain);
}

int64_t Schedule::TickAt(absl::Time now, absl::Duration interval) const {
  return FloorDiv(now - StartOf(interval), interval);
}

absl::Time Schedule::After(absl::Time now, absl::Duration interval) const {
  return StartOf(interval) + (TickAt(now, interval) + 1) * interval;
}

bool Schedule::IsFull(absl::Time now, absl::Duration interval) const {
  return (TickAt(now, interval) + full_offset_) % full_every_ == 0;
}

}  // namespace mentiond
