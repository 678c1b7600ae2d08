#include "lib/subscription/progress.h"

#include <algorithm>

#include "lib/base/proto_time.h"
#include "lib/subscription/ascending_numbers.h"

namespace mentiond {
namespace {

bool LoadTime(bool present, int64_t second, std::optional<absl::Time>& time) {
  if (!present) return true;
  if (!IsTimestampSecond(second)) return false;
  time = absl::FromUnixSeconds(second);
  return true;
}

bool LoadPending(const state::ResumeState& from,
                 absl::btree_set<PullKey>& pending) {
  if (from.pending_deltas_size() > static_cast<int>(kMaxPending)) return false;
  bool valid = true;
  const bool ascending =
      LoadAscending(from.pending_deltas(), [&](int64_t code) {
        valid = valid && code >= 2;
        pending.insert({.number = code / 2, .is_issue = code % 2 == 1});
      });
  return ascending && valid;
}

}  // namespace

Progress::Progress(std::optional<absl::Time> oldest, History how)
    : since(oldest), history(how) {
  if (!since) return;
  for (DeliveredSet& set : delivered_sets) set.RaiseFloor(*since);
}

std::optional<absl::Time> Progress::ReadFrom(Listing listing) const {
  const std::optional<absl::Time>& mark =
      high_water_marks[static_cast<size_t>(listing)];
  if (!mark) return since;
  const absl::Time from = *mark - kOverlap;
  return since ? std::max(*since, from) : from;
}

std::optional<Progress> Progress::Load(const state::ResumeState& from) {
  std::optional<absl::Time> since;
  if (from.has_since()) {
    if (!IsValid(from.since())) return std::nullopt;
    since = FromProto(from.since());
  }
  if (!mentions::v1::History_IsValid(static_cast<int>(from.history())) ||
      from.high_water_marks_size() != static_cast<int>(kListings) ||
      from.delivered_size() != static_cast<int>(kFeeds)) {
    return std::nullopt;
  }
  Progress progress(since, static_cast<History>(from.history()));
  progress.synced = from.synced();
  progress.without_graphql = from.without_graphql();
  for (size_t i = 0; i < kListings; ++i) {
    const auto& mark = from.high_water_marks(static_cast<int>(i));
    if (!LoadTime(mark.has_time(), mark.time(), progress.high_water_marks[i])) {
      return std::nullopt;
    }
  }
  for (size_t i = 0; i < kFeeds; ++i) {
    auto set = DeliveredSet::Load(from.delivered(static_cast<int>(i)));
    if (!set) return std::nullopt;
    if (since) set->RaiseFloor(*since);
    progress.delivered_sets[i] = *std::move(set);
  }
  if (!LoadPending(from, progress.pending) ||
      !LoadTime(from.has_last_full_read(), from.last_full_read(),
                progress.last_full_read)) {
    return std::nullopt;
  }
  if (from.has_full_read()) {
    FullRead full;
    if (!IsTimestampSecond(from.full_read().began()) ||
        !LoadTime(from.full_read().has_high_water_mark(),
                  from.full_read().high_water_mark(), full.high_water_mark)) {
      return std::nullopt;
    }
    full.began = absl::FromUnixSeconds(from.full_read().began());
    progress.full_read = full;
  }
  return progress;
}

void Progress::Save(size_t max_bytes, state::ResumeState& to) const {
  if (since) *to.mutable_since() = ToProto(*since);
  to.set_history(static_cast<uint32_t>(history));
  to.set_synced(synced);
  to.set_without_graphql(without_graphql);
  for (const std::optional<absl::Time>& mark : high_water_marks) {
    auto* saved = to.add_high_water_marks();
    if (mark) saved->set_time(absl::ToUnixSeconds(*mark));
  }
  AscendingWriter codes(to.mutable_pending_deltas());
  for (const PullKey& key : pending) {
    codes.Add(2 * key.number + (key.is_issue ? 1 : 0));
  }
  if (full_read) {
    auto* saved = to.mutable_full_read();
    saved->set_began(absl::ToUnixSeconds(full_read->began));
    if (full_read->high_water_mark) {
      saved->set_high_water_mark(
          absl::ToUnixSeconds(*full_read->high_water_mark));
    }
  }
  if (last_full_read) {
    to.set_last_full_read(absl::ToUnixSeconds(*last_full_read));
  }

  auto sets = delivered_sets;
  while (true) {
    to.clear_delivered();
    for (const DeliveredSet& set : sets) set.Save(*to.add_delivered());
    if (to.ByteSizeLong() <= max_bytes) return;
    const auto largest = std::max_element(
        sets.begin(), sets.end(),
        [](const auto& a, const auto& b) { return a.size() < b.size(); });
    if (largest->size() == 0) return;
    largest->ForgetOlderHalf();
  }
}

}  // namespace mentiond
