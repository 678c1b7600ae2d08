#include "tests/fake_github/item_index.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace mentiond::fake_github {
namespace {

using Entry = ItemIndex::Entry;

// Where (key, id) is, or would go.
template <typename Entries>
auto Position(Entries& entries, int64_t key, int64_t id) {
  return std::lower_bound(
      entries.begin(), entries.end(), std::make_pair(key, id),
      [](const Entry& entry, const auto& wanted) {
        return std::make_pair(entry.key, entry.item->id) < wanted;
      });
}

void Insert(std::vector<Entry>& entries, int64_t key, const ItemPtr& item) {
  entries.insert(Position(entries, key, item->id), Entry{key, item});
}

}  // namespace

void ItemIndex::Put(const ItemPtr& item) {
  Erase(item->id);
  Insert(by_id_, item->id, item);
  Insert(by_created_, item->created, item);
  Insert(by_updated_, item->updated, item);
}

ItemPtr ItemIndex::Erase(int64_t id) {
  ItemPtr item = Find(id);
  if (item == nullptr) return nullptr;
  by_id_.erase(Position(by_id_, id, id));
  by_created_.erase(Position(by_created_, item->created, id));
  by_updated_.erase(Position(by_updated_, item->updated, id));
  return item;
}

ItemPtr ItemIndex::Find(int64_t id) const {
  const auto it = Position(by_id_, id, id);
  return it != by_id_.end() && it->key == id ? it->item : nullptr;
}

std::span<const Entry> ItemIndex::UpdatedSince(int64_t since) const {
  const auto it =
      Position(by_updated_, since, std::numeric_limits<int64_t>::min());
  return std::span<const Entry>(by_updated_)
      .subspan(static_cast<size_t>(it - by_updated_.begin()));
}

}  // namespace mentiond::fake_github
