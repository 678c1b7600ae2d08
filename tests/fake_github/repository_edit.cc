// How FakeRepository edits and deletes.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/fake_github/fake_repository.h"
#include "tests/fake_github/item_edit.h"

namespace mentiond::fake_github {

bool FakeRepository::EditPull(int64_t number, std::optional<std::string> body,
                              const EditOptions& options) {
  IssueChange change;
  change.updated = SecondsOrNow(options.updated_at);
  change.body = BodyChange{std::move(body)};
  change.title = options.title;
  change.open = options.open;
  absl::MutexLock lock(&mu_);
  const ItemPtr old = FindNumberLocked(number);
  if (old == nullptr) return false;
  Index(ItemKind::kIssue).Put(ChangedIssue(identity_, *old, change));
  return true;
}

bool FakeRepository::EditIssueComment(int64_t id,
                                      std::optional<std::string> body,
                                      const EditOptions& options) {
  return EditItem(ItemKind::kIssueComment, id, std::move(body), options, true);
}

bool FakeRepository::EditReviewComment(int64_t id,
                                       std::optional<std::string> body,
                                       const EditOptions& options) {
  return EditItem(ItemKind::kReviewComment, id, std::move(body), options,
                  false);
}

bool FakeRepository::EditReview(int64_t id, std::optional<std::string> body,
                                const EditOptions& options) {
  return EditItem(ItemKind::kReview, id, std::move(body), options,
                  options.pull_updated_at.has_value());
}

bool FakeRepository::EditItem(ItemKind kind, int64_t id,
                              std::optional<std::string> body,
                              const EditOptions& options, bool moves_pull) {
  const int64_t edited = SecondsOrNow(options.updated_at);
  const int64_t moved_to = SecondsOrNow(options.pull_updated_at);
  absl::MutexLock lock(&mu_);
  const ItemPtr old = Index(kind).Find(id);
  if (old == nullptr) return false;
  // A review keeps its one time, submitted_at.
  const int64_t updated = kind == ItemKind::kReview ? old->updated : edited;
  Index(kind).Put(
      EditedItem(*old, BodyChange{std::move(body)}, updated, edited));
  if (moves_pull) MovePull(old->number, moved_to, 0, 0);
  return true;
}

bool FakeRepository::DeletePull(int64_t number) {
  absl::MutexLock lock(&mu_);
  const auto it = numbers_.find(number);
  if (it == numbers_.end()) return false;
  Index(ItemKind::kIssue).Erase(it->second);
  numbers_.erase(it);
  for (const ItemKind kind :
       {ItemKind::kIssueComment, ItemKind::kReviewComment, ItemKind::kReview}) {
    std::vector<int64_t> ids;
    for (const ItemIndex::Entry& entry : Index(kind).by_id()) {
      if (entry.item->number == number) ids.push_back(entry.item->id);
    }
    for (const int64_t id : ids) Index(kind).Erase(id);
  }
  return true;
}

bool FakeRepository::DeleteIssueComment(int64_t id) {
  return DeleteItem(ItemKind::kIssueComment, id);
}

bool FakeRepository::DeleteReviewComment(int64_t id) {
  return DeleteItem(ItemKind::kReviewComment, id);
}

bool FakeRepository::DeleteReview(int64_t id) {
  return DeleteItem(ItemKind::kReview, id);
}

bool FakeRepository::DeleteItem(ItemKind kind, int64_t id) {
  absl::MutexLock lock(&mu_);
  const ItemPtr old = Index(kind).Erase(id);
  if (old == nullptr) return false;
  const ItemPtr on = FindNumberLocked(old->number);
  if (on != nullptr && kind != ItemKind::kReview) {
    IssueChange change;
    change.updated = on->updated;
    change.more_comments = kind == ItemKind::kIssueComment ? -1 : 0;
    change.more_review_comments = kind == ItemKind::kReviewComment ? -1 : 0;
    Index(ItemKind::kIssue).Put(ChangedIssue(identity_, *on, change));
  }
  return true;
}

}  // namespace mentiond::fake_github
