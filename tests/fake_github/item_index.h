// Items of one kind in the orders that GitHub lists them in.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_ITEM_INDEX_H_
#define MENTIOND_TESTS_FAKE_GITHUB_ITEM_INDEX_H_

#include <cstdint>
#include <span>
#include <vector>

#include "tests/fake_github/item.h"

namespace mentiond::fake_github {

// Not safe to share between threads: FakeRepository guards it. Sorted vectors
// rather than trees, because pages are taken from the middle all the time and
// items are put in seldom.
class ItemIndex {
 public:
  // Adds `item`, in place of the one with its id if there is one.
  void Put(const ItemPtr& item);
  // Takes the item out; nullptr when there is none.
  ItemPtr Erase(int64_t id);
  // nullptr when there is none.
  ItemPtr Find(int64_t id) const;

  const std::vector<ItemPtr>& by_id() const { return by_id_; }
  // By (updated, id) from `since` on: GitHub's `since` is inclusive.
  std::span<const ItemPtr> UpdatedSince(int64_t since) const;

 private:
  std::vector<ItemPtr> by_id_;
  std::vector<ItemPtr> by_updated_;
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_ITEM_INDEX_H_
