// Recent responses by token and request, so that requesting the same again can
// be conditional, or spared. Never shared between tokens: what one may see,
// another may not.

#ifndef MENTIOND_LIB_GITHUB_PAGE_CACHE_H_
#define MENTIOND_LIB_GITHUB_PAGE_CACHE_H_

#include <cstddef>
#include <iterator>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/time/time.h"

#include "lib/base/secret.h"
#include "lib/github/types.h"

namespace mentiond {

struct RequestKey {
  TokenHash token;
  std::string request;  // a URL, or a GraphQL request's body

  friend bool operator==(const RequestKey&, const RequestKey&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const RequestKey& key) {
    return H::combine(std::move(state), key.token, key.request);
  }
};

// Bounded: the least recently used entries are evicted first. Not thread-safe.
// `T` has a member `items`: Page or PullPage.
template <typename T>
class PageCache {
 public:
  struct Cached {
    std::shared_ptr<const T> page;
    std::string etag;  // empty: none
    absl::Time
        requested_at;  // when the request was sent that last confirmed it
  };

  explicit PageCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  // The entry, which counts as used now; null: there is none. Valid until the
  // next call.
  const Cached* Find(const RequestKey& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, *found);
    return &(*found)->cached;
  }

  // Adds or replaces an entry. One larger than the whole cache is not kept.
  void Put(const RequestKey& key, Cached cached) {
    if (const auto found = index_.find(key); found != index_.end()) {
      Erase(*found);
    }
    Entry entry = {key, std::move(cached)};
    const size_t bytes = BytesOf(entry);
    if (bytes > max_bytes_) return;
    while (bytes_ + bytes > max_bytes_) Erase(std::prev(entries_.end()));
    entries_.push_front(std::move(entry));
    index_.insert(entries_.begin());
    bytes_ += bytes;
  }

  // A request sent at `requested_at` has confirmed the entry, if there is one.
  void Confirm(const RequestKey& key, absl::Time requested_at) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    (*found)->cached.requested_at = requested_at;
  }

  size_t size() const { return entries_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    RequestKey key;
    Cached cached;
  };
  using Entries = std::list<Entry>;  // most recently used first

  // Finds an entry by its key, of which there is only one copy.
  struct KeyOf {
    static const RequestKey& Of(const RequestKey& key) { return key; }
    static const RequestKey& Of(const typename Entries::iterator& entry) {
      return entry->key;
    }
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const auto& of) const {
      return absl::HashOf(KeyOf::Of(of));
    }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return KeyOf::Of(a) == KeyOf::Of(b);
    }
  };

  // The same whenever it is called: the entries are many, and do not keep it.
  static size_t BytesOf(const Entry& entry) {
    const Cached& cached = entry.cached;
    size_t bytes = sizeof(T) + sizeof(Entry) + entry.key.request.size() +
                   cached.etag.size();
    for (const Item& item : cached.page->items) {
      bytes += sizeof(Item) + item.author.size() + item.body.size() +
               item.url.size() + item.title.size();
    }
    return bytes;
  }

  void Erase(typename Entries::iterator entry) {
    bytes_ -= BytesOf(*entry);
    index_.erase(entry);
    entries_.erase(entry);
  }

  const size_t max_bytes_;
  size_t bytes_ = 0;
  Entries entries_;
  absl::flat_hash_set<typename Entries::iterator, Hash, Equal> index_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_PAGE_CACHE_H_
