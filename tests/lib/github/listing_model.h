// GitHub's repository-wide listings of comments as a small model: honest about
// `since` (inclusive), the order of last updates, `per_page`, Link and the end
// of deep paging; pages are cut at the moment they are requested, so that items
// move between them.

#ifndef MENTIOND_TESTS_LIB_GITHUB_LISTING_MODEL_H_
#define MENTIOND_TESTS_LIB_GITHUB_LISTING_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>

#include "lib/http/http.h"

namespace mentiond {

// A time, in seconds since 1970, at which listings begin.
inline constexpr int64_t kStart = 1'700'000'000;

class ListingModel {
 public:
  // GitHub refuses pages behind this many items.
  static constexpr size_t kDeepest = 10'000;

  // `largest_page` bounds `per_page`: GitHub's own is 100.
  explicit ListingModel(size_t largest_page = 100)
      : largest_page_(largest_page) {}

  // Times are whole seconds since the epoch.

  // Adds an item, or gives one that is there a new update (an edit).
  void Touch(int64_t id, int64_t updated) { updated_[id] = updated; }
  // `count` new items with ids from `first_id` and times from `updated`, each
  // `step` seconds after the one before.
  void AddMany(int64_t first_id, size_t count, int64_t updated, int64_t step);
  void Delete(int64_t id) { updated_.erase(id); }

  const std::map<int64_t, int64_t>& updates() const { return updated_; }

  HttpResponse Answer(const HttpRequest& request) const;

 private:
  size_t largest_page_;
  std::map<int64_t, int64_t> updated_;  // by id
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_GITHUB_LISTING_MODEL_H_
