#include "tests/fake_github/fake_repository.h"

#include <algorithm>
#include <span>
#include <utility>

namespace mentiond::fake_github {

int64_t FakeRepository::SecondsOrNow(const Time& time) const {
  return time ? absl::ToUnixSeconds(*time) : world_->NowSeconds();
}

Item FakeRepository::NewItem(ItemKind kind, std::string_view author,
                             const Body& body, const Time& created_at,
                             const Time& updated_at) const {
  Item item;
  item.kind = kind;
  item.id = world_->NextId();
  item.author = author;
  item.body = body;
  item.created = SecondsOrNow(created_at);
  item.updated = updated_at ? absl::ToUnixSeconds(*updated_at) : item.created;
  if (!created_at) item.created = std::min(item.created, item.updated);
  return item;
}

int64_t FakeRepository::AddIssueOrPull(std::string_view author,
                                       const Body& body,
                                       const PullOptions& options,
                                       bool is_pull) {
  const int64_t pull_id = world_->NextId();
  Item item = NewItem(ItemKind::kIssue, author, body, options.created_at,
                      options.updated_at);
  item.is_pull = is_pull;
  item.pull_id = pull_id;
  item.title = options.title;
  item.open = options.open;
  absl::MutexLock lock(&mu_);
  const int64_t number = numbers_.empty() ? 1 : numbers_.rbegin()->first + 1;
  item.number = number;
  Put(std::move(item));
  return number;
}

int64_t FakeRepository::Write(ItemKind kind, int64_t number,
                              std::string_view author, const Body& body,
                              const WriteOptions& options) {
  Item item =
      NewItem(kind, author, body, options.created_at, options.updated_at);
  item.number = number;
  item.state = options.state;
  const int64_t pull_updated = SecondsOrNow(options.pull_updated_at);
  absl::MutexLock lock(&mu_);
  const ItemPtr on = FindNumberLocked(number);
  if (on == nullptr || (!on->is_pull && kind != ItemKind::kIssueComment)) {
    return 0;
  }
  item.is_pull = on->is_pull;
  if (kind == ItemKind::kReviewComment && options.review_id) {
    item.review_id = *options.review_id;
  } else if (kind == ItemKind::kReviewComment) {
    // It was sent, and so became visible, when the comment was.
    Item review = item;
    review.kind = ItemKind::kReview;
    review.id = item.review_id = world_->NextId();
    review.body = "";
    review.state = "COMMENTED";
    review.created = review.updated;
    Put(std::move(review));
  }
  const int64_t id = item.id;
  Put(std::move(item));
  Touch(number, pull_updated, kind == ItemKind::kIssueComment ? 1 : 0);
  return id;
}

bool FakeRepository::EditPull(int64_t number, const Body& body,
                              const EditOptions& options) {
  const ItemPtr old = FindNumber(number);
  return old != nullptr && Edit(ItemKind::kIssue, old->id, body, options);
}

bool FakeRepository::Edit(ItemKind kind, int64_t id, const Body& body,
                          const EditOptions& options) {
  const int64_t edited = SecondsOrNow(options.updated_at);
  const int64_t pull_updated = SecondsOrNow(options.pull_updated_at);
  absl::MutexLock lock(&mu_);
  const ItemPtr old = Index(kind).Find(id);
  if (old == nullptr) return false;
  Item item = *old;
  item.body = body;
  item.last_edited = edited;
  item.open = options.open.value_or(item.open) && !options.merged;
  if (options.merged) item.merged = edited;
  // A review keeps its one time, submitted_at.
  if (kind != ItemKind::kReview) item.updated = edited;
  Put(std::move(item));
  if (kind == ItemKind::kIssueComment ||
      (kind == ItemKind::kReview && options.pull_updated_at)) {
    Touch(old->number, pull_updated, 0);
  }
  return true;
}

bool FakeRepository::Delete(ItemKind kind, int64_t id) {
  absl::MutexLock lock(&mu_);
  const ItemPtr old = Index(kind).Erase(id);
  if (old == nullptr) return false;
  if (kind == ItemKind::kIssueComment) Touch(old->number, 0, -1);
  return true;
}

void FakeRepository::Import(Item item) {
  if (item.id == 0) item.id = world_->NextId();
  world_->ReserveId(item.id);
  absl::MutexLock lock(&mu_);
  if (item.json.empty()) return Put(std::move(item));
  Index(item.kind).Put(std::make_shared<Item>(std::move(item)));
}

void FakeRepository::Put(Item item) {
  item.json = RenderItem(identity_, item);
  if (item.kind == ItemKind::kIssue) numbers_[item.number] = item.id;
  Index(item.kind).Put(std::make_shared<Item>(std::move(item)));
}

void FakeRepository::Touch(int64_t number, int64_t updated,
                           int64_t more_comments) {
  const ItemPtr old = FindNumberLocked(number);
  if (old == nullptr) return;
  Item item = *old;
  item.updated = std::max(item.updated, updated);
  item.comments += more_comments;
  Put(std::move(item));
}

RepoIdentity FakeRepository::identity() const {
  absl::ReaderMutexLock lock(&mu_);
  return identity_;
}

void FakeRepository::Rename(std::string_view owner, std::string_view name) {
  absl::MutexLock lock(&mu_);
  identity_.owner = owner;
  identity_.name = name;
  for (const ItemIndex& index : indexes_) {
    const std::vector<ItemPtr> items = index.by_id();
    for (const ItemPtr& item : items) Put(*item);
  }
}

FakeRepository::Page FakeRepository::List(const Query& query) const {
  absl::ReaderMutexLock lock(&mu_);
  const ItemIndex& index = Index(query.kind);
  std::span<const ItemPtr> items = index.by_id();
  if (query.by_updated) items = index.UpdatedSince(query.since.value_or(0));
  std::vector<ItemPtr> matching;
  if (query.number || query.open || (query.since && !query.by_updated)) {
    for (const ItemPtr& item : items) {
      if (item->updated >= query.since.value_or(item->updated) &&
          item->number == query.number.value_or(item->number) &&
          item->open == query.open.value_or(item->open)) {
        matching.push_back(item);
      }
    }
    items = matching;
  }
  Page page;
  page.total = items.size();
  const size_t first = std::min(query.offset, items.size());
  const size_t end = first + std::min(query.limit, items.size() - first);
  for (size_t i = first; i < end; ++i) {
    page.items.push_back(items[query.descending ? items.size() - 1 - i : i]);
  }
  return page;
}

std::vector<ItemPtr> FakeRepository::All(ItemKind kind) const {
  absl::ReaderMutexLock lock(&mu_);
  return Index(kind).by_id();
}

ItemPtr FakeRepository::Find(ItemKind kind, int64_t id) const {
  absl::ReaderMutexLock lock(&mu_);
  return Index(kind).Find(id);
}

ItemPtr FakeRepository::FindNumber(int64_t number) const {
  absl::ReaderMutexLock lock(&mu_);
  return FindNumberLocked(number);
}

ItemPtr FakeRepository::FindNumberLocked(int64_t number) const {
  const auto it = numbers_.find(number);
  return it == numbers_.end() ? nullptr
                              : Index(ItemKind::kIssue).Find(it->second);
}

}  // namespace mentiond::fake_github
