#include "lib/github/page_cache.h"

#include <iterator>

namespace mentiond {
namespace {

size_t BytesOf(const PageKey& key, const CachedPage& cached) {
  // The key stands in the list and in the index.
  size_t bytes = sizeof(Page) + 2 * (sizeof(PageKey) + key.url.size()) +
                 cached.etag.size();
  for (const Item& item : cached.page->items) {
    bytes +=
        sizeof(Item) + item.author.size() + item.body.size() + item.url.size();
  }
  return bytes;
}

}  // namespace

const CachedPage* PageCache::Find(const PageKey& key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->cached;
}

void PageCache::Put(const PageKey& key, CachedPage page) {
  if (const auto found = index_.find(key); found != index_.end()) {
    Erase(found->second);
  }
  const size_t bytes = BytesOf(key, page);
  if (bytes > max_bytes_) return;
  while (bytes_ + bytes > max_bytes_) Erase(std::prev(entries_.end()));
  entries_.push_front({key, std::move(page), bytes});
  index_[key] = entries_.begin();
  bytes_ += bytes;
}

void PageCache::Confirm(const PageKey& key, absl::Time asked_at) {
  const auto found = index_.find(key);
  if (found != index_.end()) found->second->cached.asked_at = asked_at;
}

void PageCache::Erase(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  index_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace mentiond
