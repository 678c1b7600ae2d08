#include "tests/fake_github/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/string_view.h"

namespace mentiond::fake_github {

World::World() : now_([] { return absl::Now(); }), next_id_(5'000'000'001) {}

absl::Time World::Now() const {
  std::function<absl::Time()> now;
  {
    absl::MutexLock lock(&mu_);
    now = now_;
  }
  return now();
}

int64_t World::NowSeconds() const { return WholeSeconds(Now()); }

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

std::optional<int64_t> ParseTimeText(std::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full,
                       absl::string_view(text.data(), text.size()), &time,
                       &error)) {
    return std::nullopt;
  }
  // "infinite-future" parses too.
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return std::nullopt;
  }
  return WholeSeconds(time);
}

int64_t WholeSeconds(absl::Time time) { return absl::ToUnixSeconds(time); }

}  // namespace mentiond::fake_github
