#include "tests/fake_github/item_index.h"

#include <algorithm>
#include <utility>

namespace mentiond::fake_github {
namespace {

std::pair<int64_t, int64_t> IdKey(const Item& item) { return {0, item.id}; }
std::pair<int64_t, int64_t> UpdatedKey(const Item& item) {
  return {item.updated, item.id};
}

// Where `key` is, or would go.
template <typename Items, typename KeyOf>
auto PositionOf(Items& items, std::pair<int64_t, int64_t> key, KeyOf key_of) {
  return std::lower_bound(items.begin(), items.end(), key,
                          [&](const ItemPtr& item, const auto& wanted) {
                            return key_of(*item) < wanted;
                          });
}

}  // namespace

void ItemIndex::Put(const ItemPtr& item) {
  Erase(item->id);
  by_id_.insert(PositionOf(by_id_, IdKey(*item), IdKey), item);
  by_updated_.insert(PositionOf(by_updated_, UpdatedKey(*item), UpdatedKey),
                     item);
}

ItemPtr ItemIndex::Erase(int64_t id) {
  ItemPtr item = Find(id);
  if (item == nullptr) return nullptr;
  by_id_.erase(PositionOf(by_id_, IdKey(*item), IdKey));
  by_updated_.erase(PositionOf(by_updated_, UpdatedKey(*item), UpdatedKey));
  return item;
}

ItemPtr ItemIndex::Find(int64_t id) const {
  const auto it = PositionOf(by_id_, {0, id}, IdKey);
  return it != by_id_.end() && (*it)->id == id ? *it : nullptr;
}

std::span<const ItemPtr> ItemIndex::UpdatedSince(int64_t since) const {
  return {PositionOf(by_updated_, {since, INT64_MIN}, UpdatedKey),
          by_updated_.end()};
}

}  // namespace mentiond::fake_github
