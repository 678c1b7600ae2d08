// The pull requests whose reviews have to be read because they moved since the
// last time. Pure.

#ifndef MENTIOND_LIB_MENTION_CHANGED_PULLS_H_
#define MENTIOND_LIB_MENTION_CHANGED_PULLS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace mentiond {

class ChangedPulls {
 public:
  // The issues listing shows the pull request as last updated then. Being
  // shown the same again, as in overlapping readings, changes nothing.
  void Note(int64_t number, absl::Time updated_at) {
    const auto [seen, is_new] = seen_.try_emplace(number, updated_at);
    if (!is_new && seen->second == updated_at) return;
    seen->second = updated_at;
    to_read_.insert(number);
  }

  // The pull request to read next, oldest first; nullopt: all are read.
  std::optional<int64_t> Next() const {
    if (to_read_.empty()) return std::nullopt;
    return *to_read_.begin();
  }

  void MarkRead(int64_t number) { to_read_.erase(number); }

  // No reading will begin before `time` any more: forget what is older.
  void ForgetBefore(absl::Time time) {
    absl::erase_if(seen_, [&](const auto& pull) { return pull.second < time; });
  }

  size_t size() const { return to_read_.size(); }

 private:
  absl::flat_hash_map<int64_t, absl::Time> seen_;
  absl::btree_set<int64_t> to_read_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_MENTION_CHANGED_PULLS_H_
