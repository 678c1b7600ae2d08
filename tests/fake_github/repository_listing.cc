// What FakeRepository lists: one page of one order, with what it leaves out.

#include <algorithm>
#include <span>
#include <vector>

#include "tests/fake_github/fake_repository.h"
#include "tests/fake_github/item_edit.h"

namespace mentiond::fake_github {
namespace {

using Entry = ItemIndex::Entry;
using Query = FakeRepository::Query;

bool Wanted(const Query& query, const Item& item) {
  return (!query.since.has_value() || item.updated >= *query.since) &&
         (!query.number.has_value() || item.number == *query.number) &&
         (!query.open.has_value() || item.open == *query.open) &&
         (!query.pulls_only || item.is_pull);
}

// The page of `entries`, which are all wanted: no need to look at the others.
FakeRepository::Page Cut(std::span<const Entry> entries, const Query& query) {
  FakeRepository::Page page;
  page.total = entries.size();
  const size_t first = std::min(query.offset, entries.size());
  const size_t end = first + std::min(query.limit, entries.size() - first);
  for (size_t i = first; i < end; ++i) {
    page.items.push_back(
        entries[query.descending ? entries.size() - 1 - i : i].item);
  }
  return page;
}

}  // namespace

FakeRepository::Page FakeRepository::List(const Query& query) const {
  absl::ReaderMutexLock lock(&mu_);
  const ItemIndex& index = Index(query.kind);
  const bool by_updated = query.order == Order::kUpdated;
  const std::span<const Entry> ordered =
      by_updated ? index.UpdatedSince(query.since.value_or(0))
      : query.order == Order::kCreated ? index.by_created()
                                       : index.by_id();
  const bool filtered = query.number.has_value() || query.open.has_value() ||
                        query.pulls_only ||
                        (query.since.has_value() && !by_updated);
  if (!filtered && query.order != Order::kComments) return Cut(ordered, query);

  std::vector<Entry> wanted;
  for (const Entry& entry : ordered) {
    if (Wanted(query, *entry.item)) wanted.push_back(entry);
  }
  if (query.order == Order::kComments) {
    std::stable_sort(wanted.begin(), wanted.end(),
                     [](const Entry& a, const Entry& b) {
                       return a.item->comments < b.item->comments;
                     });
  }
  return Cut(wanted, query);
}

std::vector<ItemPtr> FakeRepository::All(ItemKind kind) const {
  absl::ReaderMutexLock lock(&mu_);
  std::vector<ItemPtr> items;
  items.reserve(Index(kind).size());
  for (const Entry& entry : Index(kind).by_id()) items.push_back(entry.item);
  return items;
}

void FakeRepository::Rename(std::string_view owner, std::string_view name) {
  absl::MutexLock lock(&mu_);
  const RepoIdentity from = identity_;
  identity_.owner = owner;
  identity_.name = name;
  for (ItemIndex& index : indexes_) {
    std::vector<ItemPtr> items;
    for (const Entry& entry : index.by_id()) items.push_back(entry.item);
    for (const ItemPtr& item : items) {
      index.Put(MovedItem(*item, from, identity_));
    }
  }
}

}  // namespace mentiond::fake_github
