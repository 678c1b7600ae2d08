// Items of one kind in the three orders that GitHub lists them in.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_ITEM_INDEX_H_
#define MENTIOND_TESTS_FAKE_GITHUB_ITEM_INDEX_H_

#include <cstddef>
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
  // In ascending order of (`key`, id); `key` is a time or the id itself.
  struct Entry {
    int64_t key;
    ItemPtr item;
  };

  // Adds `item`, in place of the one with its id if there is one.
  void Put(const ItemPtr& item);

  // Takes the item out; nullptr when there is none.
  ItemPtr Erase(int64_t id);

  // nullptr when there is none.
  ItemPtr Find(int64_t id) const;

  std::span<const Entry> by_id() const { return by_id_; }
  std::span<const Entry> by_created() const { return by_created_; }
  std::span<const Entry> by_updated() const { return by_updated_; }

  // The end of by_updated() from `since` on: GitHub's `since` is inclusive.
  std::span<const Entry> UpdatedSince(int64_t since) const;

  size_t size() const { return by_id_.size(); }

 private:
  std::vector<Entry> by_id_;
  std::vector<Entry> by_created_;
  std::vector<Entry> by_updated_;
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_ITEM_INDEX_H_
