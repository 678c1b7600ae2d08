#include "lib/sync/recent_pulls.h"

namespace mentiond {

void RecentPulls::Note(PullKey key, absl::Time updated_at, absl::Time now,
                       bool to_be_read) {
  const auto [entry, is_new] = recent_.try_emplace(key);
  Update& update = entry->second;
  if (!is_new && update.updated_at == updated_at) return;
  // An update of long ago has nothing more to show.
  const bool is_old = CompleteSince(updated_at) < now;
  update = {.updated_at = updated_at,
            .settles_at = is_old ? absl::InfinitePast() : now + kOverlap,
            .settled = !to_be_read};
  ++updates_;
}

std::vector<RecentPulls::Due> RecentPulls::due() const {
  std::vector<Due> due;
  for (const auto& [key, update] : recent_) {
    if (update.settled) continue;
    due.push_back(
        {.key = key, .complete_since = CompleteSince(update.updated_at)});
  }
  return due;
}

void RecentPulls::MarkRead(PullKey key, absl::Time began) {
  const auto found = recent_.find(key);
  if (found != recent_.end() && began >= found->second.settles_at) {
    found->second.settled = true;
  }
}

void RecentPulls::ForgetBefore(absl::Time time) {
  absl::erase_if(recent_, [&](const auto& entry) {
    return entry.second.settled && entry.second.updated_at < time;
  });
}

}  // namespace mentiond
