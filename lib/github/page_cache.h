// The pages that GitHub has answered lately, by who asked and for what, so that
// asking again can be a conditional request, which is free when nothing has
// changed. Never shared between tokens: what one may see, another may not.

#ifndef MENTIOND_LIB_GITHUB_PAGE_CACHE_H_
#define MENTIOND_LIB_GITHUB_PAGE_CACHE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

#include "lib/base/secret.h"
#include "lib/github/types.h"

namespace mentiond {

struct PageKey {
  TokenHash token;
  std::string url;

  friend bool operator==(const PageKey&, const PageKey&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const PageKey& key) {
    return H::combine(std::move(state), key.token, key.url);
  }
};

struct CachedPage {
  std::shared_ptr<const Page> page;
  std::string etag;
  absl::Time asked_at;  // when the request was sent that last confirmed it
};

// Bounded: the least recently used pages go first. Not thread-safe.
class PageCache {
 public:
  explicit PageCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  // The page, which counts as used now; null: not here. Valid until the next
  // call.
  const CachedPage* Find(const PageKey& key);

  // Keeps a page, in place of an earlier one of that key. A page larger than
  // the whole cache is not kept.
  void Put(const PageKey& key, CachedPage page);

  // A page that is kept was confirmed by a request sent at `asked_at`.
  void Confirm(const PageKey& key, absl::Time asked_at);

  size_t size() const { return entries_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    PageKey key;
    CachedPage cached;
    size_t bytes;
  };
  using Entries = std::list<Entry>;  // most recently used first

  void Erase(Entries::iterator entry);

  const size_t max_bytes_;
  size_t bytes_ = 0;
  Entries entries_;
  absl::flat_hash_map<PageKey, Entries::iterator> index_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_PAGE_CACHE_H_
