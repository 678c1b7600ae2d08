#include "lib/mention/changed_pulls.h"

namespace mentiond {
namespace {

// GitHub's clock and ours differ by less.
constexpr absl::Duration kClockSkew = absl::Minutes(10);

}  // namespace

void ChangedPulls::Note(int64_t number, absl::Time updated_at, absl::Time now) {
  const auto [entry, is_new] = pulls_.try_emplace(number);
  Pull& pull = entry->second;
  if (!is_new && pull.updated_at == updated_at) return;
  pull.updated_at = updated_at;
  pull.settled = false;
  // What moved long ago has nothing left to show.
  pull.settles_at =
      updated_at < now - kClockSkew - lag_ ? absl::InfinitePast() : now + lag_;
  due_.insert(number);
}

void ChangedPulls::BeginRound() {
  for (const auto& [number, pull] : pulls_) {
    if (!pull.settled) due_.insert(number);
  }
}

std::optional<ChangedPulls::Due> ChangedPulls::Next() const {
  if (due_.empty()) return std::nullopt;
  const int64_t number = *due_.begin();
  const absl::Time updated_at = pulls_.at(number).updated_at;
  return Due{.number = number,
             .updated_at = updated_at,
             .complete_since = updated_at + lag_ + kClockSkew};
}

void ChangedPulls::MarkRead(int64_t number, absl::Time began) {
  due_.erase(number);
  const auto found = pulls_.find(number);
  if (found != pulls_.end() && began >= found->second.settles_at) {
    found->second.settled = true;
  }
}

void ChangedPulls::ForgetBefore(absl::Time time) {
  absl::erase_if(pulls_, [&](const auto& entry) {
    return entry.second.settled && entry.second.updated_at < time;
  });
}

}  // namespace mentiond
