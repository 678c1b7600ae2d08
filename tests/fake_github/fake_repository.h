// One repository of the stand-in GitHub: its pull requests, issues, comments
// and reviews, changed by tests (or the control API, or the demo) while the
// server lists them.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_FAKE_REPOSITORY_H_
#define MENTIOND_TESTS_FAKE_GITHUB_FAKE_REPOSITORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "tests/fake_github/item.h"
#include "tests/fake_github/item_index.h"
#include "tests/fake_github/render.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {

// The defaults of all members are written out, as GCC warns of designated
// initialisers that leave others out.
struct PullOptions {
  std::string title = "A change";
  bool open = true;
  // Now by default; `updated_at` is `created_at` where only that is given.
  std::optional<absl::Time> created_at = std::nullopt;
  std::optional<absl::Time> updated_at = std::nullopt;
};

struct WriteOptions {
  // Now by default; `updated_at` is `created_at` where only that is given. A
  // time in the past makes an item that turns up late; a review comment's
  // `created_at` before its `updated_at` makes one that was long a draft.
  std::optional<absl::Time> created_at = std::nullopt;
  std::optional<absl::Time> updated_at = std::nullopt;
  // What the pull request's own updated_at becomes: by default the fake's
  // current time, but never earlier than it was.
  std::optional<absl::Time> pull_updated_at = std::nullopt;
  // Of reviews.
  std::string state = "COMMENTED";
  // Of review comments. Without it a review with an empty body is made around
  // the comment, as GitHub does.
  std::optional<int64_t> review_id = std::nullopt;
};

struct EditOptions {
  // Now by default.
  std::optional<absl::Time> updated_at = std::nullopt;
  std::optional<absl::Time> pull_updated_at = std::nullopt;
  // Of pull requests and issues. What is merged is closed.
  std::optional<bool> open = std::nullopt;
  bool merged = false;
};

// Safe to use from any thread.
//
// Bodies are std::nullopt for `null`. An empty author is a deleted account
// (`user` null). What adds returns the new id (AddPull, AddIssue: the number)
// or 0 when there is no such pull request or issue; what edits and deletes
// returns whether there was such a thing.
//
// As on GitHub (seen in real data), the pull request's updated_at changes with
// each new comment, review and review comment and with edits of conversation
// comments, and not with edits of reviews or review comments. Deleting changes
// nothing.
class FakeRepository {
 public:
  FakeRepository(RepoIdentity identity, std::shared_ptr<World> world)
      : world_(std::move(world)), identity_(std::move(identity)) {}
  FakeRepository(const FakeRepository&) = delete;
  FakeRepository& operator=(const FakeRepository&) = delete;

  using Body = std::optional<std::string>;

  int64_t AddPull(std::string_view author, const Body& body,
                  const PullOptions& options = {}) {
    return AddIssueOrPull(author, body, options, /*is_pull=*/true);
  }
  int64_t AddIssue(std::string_view author, const Body& body,
                   const PullOptions& options = {}) {
    return AddIssueOrPull(author, body, options, /*is_pull=*/false);
  }
  int64_t AddIssueComment(int64_t number, std::string_view author,
                          const Body& body, const WriteOptions& options = {}) {
    return Write(ItemKind::kIssueComment, number, author, body, options);
  }
  int64_t AddReviewComment(int64_t number, std::string_view author,
                           const Body& body, const WriteOptions& options = {}) {
    return Write(ItemKind::kReviewComment, number, author, body, options);
  }
  int64_t AddReview(int64_t number, std::string_view author, const Body& body,
                    const WriteOptions& options = {}) {
    return Write(ItemKind::kReview, number, author, body, options);
  }

  // By number; issues too.
  bool EditPull(int64_t number, const Body& body,
                const EditOptions& options = {});
  bool EditIssueComment(int64_t id, const Body& body,
                        const EditOptions& options = {}) {
    return Edit(ItemKind::kIssueComment, id, body, options);
  }
  bool EditReviewComment(int64_t id, const Body& body,
                         const EditOptions& options = {}) {
    return Edit(ItemKind::kReviewComment, id, body, options);
  }
  // The pull request's updated_at changes only if `pull_updated_at` is given.
  bool EditReview(int64_t id, const Body& body,
                  const EditOptions& options = {}) {
    return Edit(ItemKind::kReview, id, body, options);
  }

  bool DeleteIssueComment(int64_t id) {
    return Delete(ItemKind::kIssueComment, id);
  }
  bool DeleteReviewComment(int64_t id) {
    return Delete(ItemKind::kReviewComment, id);
  }
  bool DeleteReview(int64_t id) { return Delete(ItemKind::kReview, id); }

  // Takes over an item from elsewhere; an id of 0 and an empty JSON are made
  // here.
  void Import(Item item);

  RepoIdentity identity() const;
  void Rename(std::string_view owner, std::string_view name);

  struct Query {
    ItemKind kind = ItemKind::kIssue;
    // Otherwise by id, which is the order of creation.
    bool by_updated = false;
    bool descending = false;
    // Whole seconds since 1970, inclusive.
    std::optional<int64_t> since;
    std::optional<int64_t> number;
    std::optional<bool> open;
    size_t offset = 0;
    size_t limit = SIZE_MAX;
  };
  struct Page {
    std::vector<ItemPtr> items;
    // How many there are on all pages.
    size_t total = 0;
  };
  Page List(const Query& query) const;
  // All items of a kind by ascending id.
  std::vector<ItemPtr> All(ItemKind kind) const;

  // nullptr when there is none.
  ItemPtr Find(ItemKind kind, int64_t id) const;
  // The pull request or issue.
  ItemPtr FindNumber(int64_t number) const;

 private:
  using Time = std::optional<absl::Time>;

  ItemIndex& Index(ItemKind kind) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return indexes_[static_cast<size_t>(kind)];
  }
  const ItemIndex& Index(ItemKind kind) const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return indexes_[static_cast<size_t>(kind)];
  }
  ItemPtr FindNumberLocked(int64_t number) const
      ABSL_SHARED_LOCKS_REQUIRED(mu_);
  // Asks the clock, so it is for before the lock is taken.
  Item NewItem(ItemKind kind, std::string_view author, const Body& body,
               const Time& created_at, const Time& updated_at) const;
  int64_t SecondsOrNow(const Time& time) const;
  int64_t AddIssueOrPull(std::string_view author, const Body& body,
                         const PullOptions& options, bool is_pull);
  int64_t Write(ItemKind kind, int64_t number, std::string_view author,
                const Body& body, const WriteOptions& options);
  bool Edit(ItemKind kind, int64_t id, const Body& body,
            const EditOptions& options);
  bool Delete(ItemKind kind, int64_t id);
  void Put(Item item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // After something was written on `number`.
  void Touch(int64_t number, int64_t updated, int64_t more_comments)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::shared_ptr<World> world_;
  mutable absl::Mutex mu_;
  RepoIdentity identity_ ABSL_GUARDED_BY(mu_);
  std::array<ItemIndex, 4> indexes_ ABSL_GUARDED_BY(mu_);
  // Numbers of pull requests and issues to their ids.
  std::map<int64_t, int64_t> numbers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_FAKE_REPOSITORY_H_
