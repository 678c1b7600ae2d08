#include "tests/fake_github/world.h"

#include <algorithm>
#include <utility>

namespace mentiond::fake_github {

absl::Time World::Now() const {
  std::function<absl::Time()> now;
  {
    absl::MutexLock lock(&mu_);
    now = now_;
  }
  return now();
}

void World::SetNow(std::function<absl::Time()> now) {
  absl::MutexLock lock(&mu_);
  now_ = std::move(now);
}

int64_t World::NextId() {
  absl::MutexLock lock(&mu_);
  return next_id_++;
}

void World::ReserveId(int64_t id) {
  absl::MutexLock lock(&mu_);
  next_id_ = std::max(next_id_, id + 1);
}

std::string TimeText(int64_t seconds) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ",
                          absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
}

std::optional<int64_t> ParseTimeText(const std::string& text) {
  absl::Time time;
  std::string error;
  // "infinite-future" parses too.
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) ||
      time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return std::nullopt;
  }
  return absl::ToUnixSeconds(time);
}

}  // namespace mentiond::fake_github
