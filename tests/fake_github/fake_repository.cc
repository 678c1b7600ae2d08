#include "tests/fake_github/fake_repository.h"

#include <algorithm>
#include <utility>

#include "tests/fake_github/item_edit.h"
#include "tests/fake_github/json_text.h"
#include "tests/fake_github/pull_views.h"

namespace mentiond::fake_github {
namespace {

Item ItemOf(const Written& written, std::string json) {
  Item item;
  item.id = written.id;
  item.number = written.number;
  item.created = written.created;
  item.updated = written.updated;
  item.author = written.author;
  item.body = written.body.value_or("");
  item.json = std::move(json);
  return item;
}

}  // namespace

FakeRepository::FakeRepository(RepoIdentity identity,
                               std::shared_ptr<World> world)
    : world_(std::move(world)), identity_(std::move(identity)) {}

FakeRepository::Times FakeRepository::TimesOf(
    const std::optional<absl::Time>& created,
    const std::optional<absl::Time>& updated) const {
  const int64_t first = created.has_value()   ? WholeSeconds(*created)
                        : updated.has_value() ? std::min(WholeSeconds(*updated),
                                                         world_->NowSeconds())
                                              : world_->NowSeconds();
  return {first, updated.has_value() ? WholeSeconds(*updated) : first};
}

int64_t FakeRepository::AddPull(std::string_view author,
                                std::optional<std::string> body,
                                const PullOptions& options) {
  return AddIssueOrPull(author, std::move(body), options, /*is_pull=*/true);
}

int64_t FakeRepository::AddIssue(std::string_view author,
                                 std::optional<std::string> body,
                                 const PullOptions& options) {
  return AddIssueOrPull(author, std::move(body), options, /*is_pull=*/false);
}

int64_t FakeRepository::AddIssueOrPull(std::string_view author,
                                       std::optional<std::string> body,
                                       const PullOptions& options,
                                       bool is_pull) {
  const Times times = TimesOf(options.created_at, options.updated_at);
  PullFields fields;
  fields.title = options.title;
  fields.open = options.open;
  fields.draft = options.draft;
  fields.pull_id = world_->NextId();
  fields.written = {.id = world_->NextId(),
                    .number = 0,
                    .author = std::string(author),
                    .body = std::move(body),
                    .created = times.created,
                    .updated = times.updated};

  absl::MutexLock lock(&mu_);
  const int64_t number = options.number.value_or(
      numbers_.empty() ? 1 : numbers_.rbegin()->first + 1);
  if (number <= 0 || numbers_.contains(number)) return 0;
  fields.written.number = number;
  Item item = ItemOf(fields.written, "");
  item.is_pull = is_pull;
  item.open = options.open;
  if (is_pull) {
    item.pull_full_json = RenderPull(identity_, fields);
    RefreshPullViews(identity_, item);
  } else {
    item.json = RenderIssue(identity_, fields);
  }
  numbers_[number] = item.id;
  Index(ItemKind::kIssue).Put(std::make_shared<Item>(std::move(item)));
  return number;
}

Written FakeRepository::NewWritten(int64_t number, std::string_view author,
                                   std::optional<std::string> body,
                                   const WriteOptions& options) const {
  const Times times = TimesOf(options.created_at, options.updated_at);
  const int64_t id = options.id.has_value() ? *options.id : world_->NextId();
  world_->ReserveId(id);
  return {.id = id,
          .number = number,
          .author = std::string(author),
          .body = std::move(body),
          .created = times.created,
          .updated = times.updated};
}

int64_t FakeRepository::AddIssueComment(int64_t number, std::string_view author,
                                        std::optional<std::string> body,
                                        const WriteOptions& options) {
  const Written written = NewWritten(number, author, std::move(body), options);
  const int64_t moved_to = SecondsOrNow(options.pull_updated_at);
  absl::MutexLock lock(&mu_);
  const ItemPtr on = FindNumberLocked(number);
  if (on == nullptr) return 0;
  Index(ItemKind::kIssueComment)
      .Put(std::make_shared<Item>(ItemOf(
          written, RenderIssueComment(identity_, written, on->is_pull))));
  MovePull(number, moved_to, 1, 0);
  return written.id;
}

int64_t FakeRepository::AddReviewComment(int64_t number,
                                         std::string_view author,
                                         std::optional<std::string> body,
                                         const WriteOptions& options) {
  ReviewCommentFields fields;
  fields.written = NewWritten(number, author, std::move(body), options);
  fields.path = options.path;
  fields.line = options.line;
  fields.in_reply_to = options.in_reply_to;
  const int64_t moved_to = SecondsOrNow(options.pull_updated_at);
  absl::MutexLock lock(&mu_);
  const ItemPtr on = FindNumberLocked(number);
  if (on == nullptr || !on->is_pull) return 0;
  if (options.review_id.has_value()) {
    fields.review_id = *options.review_id;
  } else {
    // It was sent, and so became visible, when the comment was.
    Written review = fields.written;
    review.id = world_->NextId();
    review.body = "";
    review.created = review.updated;
    fields.review_id = AddReviewLocked(review, "COMMENTED");
  }
  Index(ItemKind::kReviewComment)
      .Put(std::make_shared<Item>(
          ItemOf(fields.written, RenderReviewComment(identity_, fields))));
  MovePull(number, moved_to, 0, 1);
  return fields.written.id;
}

int64_t FakeRepository::AddReviewLocked(const Written& written,
                                        std::string_view state) {
  Index(ItemKind::kReview)
      .Put(std::make_shared<Item>(
          ItemOf(written, RenderReview(identity_, written, state))));
  return written.id;
}

int64_t FakeRepository::AddReview(int64_t number, std::string_view author,
                                  std::optional<std::string> body,
                                  const WriteOptions& options) {
  const Written written = NewWritten(number, author, std::move(body), options);
  const int64_t moved_to = SecondsOrNow(options.pull_updated_at);
  absl::MutexLock lock(&mu_);
  const ItemPtr on = FindNumberLocked(number);
  if (on == nullptr || !on->is_pull) return 0;
  AddReviewLocked(written, options.state);
  MovePull(number, moved_to, 0, 0);
  return written.id;
}

int64_t FakeRepository::SecondsOrNow(
    const std::optional<absl::Time>& time) const {
  return time.has_value() ? WholeSeconds(*time) : world_->NowSeconds();
}

void FakeRepository::MovePull(int64_t number, int64_t moved_to,
                              int64_t more_comments,
                              int64_t more_review_comments) {
  const ItemPtr old = FindNumberLocked(number);
  if (old == nullptr) return;
  IssueChange change;
  change.updated = std::max(old->updated, moved_to);
  change.more_comments = more_comments;
  change.more_review_comments = more_review_comments;
  Index(ItemKind::kIssue).Put(ChangedIssue(identity_, *old, change));
}

RepoIdentity FakeRepository::identity() const {
  absl::MutexLock lock(&mu_);
  return identity_;
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

std::string FakeRepository::Json() const {
  absl::ReaderMutexLock lock(&mu_);
  int64_t open = 0;
  int64_t first = 0;
  int64_t last = 0;
  for (const ItemIndex::Entry& entry : Index(ItemKind::kIssue).by_updated()) {
    if (entry.item->open) ++open;
    first =
        first == 0 ? entry.item->created : std::min(first, entry.item->created);
    last = entry.item->updated;
  }
  return RenderRepository(identity_, open, first, last);
}

}  // namespace mentiond::fake_github
