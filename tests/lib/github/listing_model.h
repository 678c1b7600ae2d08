// GitHub's repository-wide listings of comments as a small model: honest about
// `since` (inclusive), the order of last updates, `per_page` and Link; pages
// are cut at the moment they are requested, so that items move between them.

#ifndef MENTIOND_TESTS_LIB_GITHUB_LISTING_MODEL_H_
#define MENTIOND_TESTS_LIB_GITHUB_LISTING_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "lib/http/http.h"

namespace mentiond {

// A time, in seconds since 1970, at which listings begin.
inline constexpr int64_t kStart = 1'700'000'000;

class ListingModel {
 public:
  // `largest_page` bounds `per_page`: GitHub's own is 100.
  explicit ListingModel(size_t largest_page = 100)
      : largest_page_(largest_page) {}

  // Times are whole seconds since the epoch.

  // Adds an item, or gives one that is there a new update (an edit).
  void Touch(int64_t id, int64_t updated);
  // `count` new items with ids from `first_id` and times from `updated`, each
  // `step` seconds after the one before.
  void AddMany(int64_t first_id, size_t count, int64_t updated, int64_t step);
  void Delete(int64_t id);

  size_t size() const { return updated_.size(); }
  const std::map<int64_t, int64_t>& updates() const { return updated_; }

  HttpResponse Answer(const HttpRequest& request) const;

 private:
  struct Entry {
    int64_t updated;
    int64_t id;
    auto operator<=>(const Entry&) const = default;
  };

  std::vector<Entry> Since(int64_t since) const;

  size_t largest_page_;
  std::map<int64_t, int64_t> updated_;  // by id
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_GITHUB_LISTING_MODEL_H_
