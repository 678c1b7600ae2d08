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
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
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
  bool draft = false;
  // The next free one by default.
  std::optional<int64_t> number = std::nullopt;
  // Now by default; `updated_at` is `created_at` where only that is given.
  std::optional<absl::Time> created_at = std::nullopt;
  std::optional<absl::Time> updated_at = std::nullopt;
};

struct WriteOptions {
  // The next free one by default. Ids of different kinds may be the same, as
  // GitHub's may.
  std::optional<int64_t> id = std::nullopt;
  // Now by default; `updated_at` is `created_at` where only that is given. A
  // time in the past makes an item that turns up late; a review comment's
  // `created_at` before its `updated_at` makes one that was long a draft.
  std::optional<absl::Time> created_at = std::nullopt;
  std::optional<absl::Time> updated_at = std::nullopt;
  // What the pull request's own updated_at becomes: by default the fake's
  // current time, but never earlier than it was.
  std::optional<absl::Time> pull_updated_at = std::nullopt;

  // Of reviews: APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED.
  std::string state = "COMMENTED";
  // Of review comments. Without `review_id` a review with an empty body is
  // made around the comment, as GitHub does.
  std::optional<int64_t> review_id = std::nullopt;
  std::optional<int64_t> in_reply_to = std::nullopt;
  std::string path = "src/main.cc";
  // None: the comment is outdated (null `line` and `position`).
  std::optional<int64_t> line = 1;
};

struct EditOptions {
  // Now by default.
  std::optional<absl::Time> updated_at = std::nullopt;
  std::optional<absl::Time> pull_updated_at = std::nullopt;
  // Of pull requests and issues.
  std::optional<std::string> title = std::nullopt;
  std::optional<bool> open = std::nullopt;
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
  FakeRepository(RepoIdentity identity, std::shared_ptr<World> world);

  FakeRepository(const FakeRepository&) = delete;
  FakeRepository& operator=(const FakeRepository&) = delete;

  int64_t AddPull(std::string_view author, std::optional<std::string> body,
                  const PullOptions& options = {});
  int64_t AddIssue(std::string_view author, std::optional<std::string> body,
                   const PullOptions& options = {});
  int64_t AddIssueComment(int64_t number, std::string_view author,
                          std::optional<std::string> body,
                          const WriteOptions& options = {});
  int64_t AddReviewComment(int64_t number, std::string_view author,
                           std::optional<std::string> body,
                           const WriteOptions& options = {});
  int64_t AddReview(int64_t number, std::string_view author,
                    std::optional<std::string> body,
                    const WriteOptions& options = {});

  // By number; issues too.
  bool EditPull(int64_t number, std::optional<std::string> body,
                const EditOptions& options = {});
  bool EditIssueComment(int64_t id, std::optional<std::string> body,
                        const EditOptions& options = {});
  bool EditReviewComment(int64_t id, std::optional<std::string> body,
                         const EditOptions& options = {});
  // Of REST's fields only the body shows this, and the pull request's
  // updated_at does not change unless `pull_updated_at` is given.
  bool EditReview(int64_t id, std::optional<std::string> body,
                  const EditOptions& options = {});

  // By number; issues too, and with all that was written on it.
  bool DeletePull(int64_t number);
  bool DeleteIssueComment(int64_t id);
  bool DeleteReviewComment(int64_t id);
  bool DeleteReview(int64_t id);

  // Takes over one JSON object as GitHub's REST API has it (for kIssue: as
  // /pulls/{n} responds), keeping its text but for fields of pull requests that
  // are missing (exports leave nulls out). InvalidArgument when it is no such
  // object.
  absl::Status Import(ItemKind kind, std::string_view json);

  // Makes a minimal issue (null body and user, open) for each number that
  // only comments speak of, and returns how many.
  size_t AddIssuesKnownByComments();

  RepoIdentity identity() const;
  void Rename(std::string_view owner, std::string_view name);

  enum class Order { kId, kCreated, kUpdated, kComments };
  struct Query {
    ItemKind kind = ItemKind::kIssue;
    Order order = Order::kId;
    bool descending = false;
    // Whole seconds since 1970, inclusive.
    std::optional<int64_t> since;
    std::optional<int64_t> number;
    std::optional<bool> open;
    bool pulls_only = false;
    size_t offset = 0;
    size_t limit = 30;
  };
  struct Page {
    std::vector<ItemPtr> items;
    // How many there are on all pages.
    size_t total = 0;
  };
  Page List(const Query& query) const;

  // All items of a kind by ascending id.
  std::vector<ItemPtr> All(ItemKind kind) const;

  // The pull request or issue; nullptr when there is none.
  ItemPtr FindNumber(int64_t number) const;

  // The response to GET /repos/{owner}/{repo}.
  std::string Json() const;

 private:
  struct Times {
    int64_t created;
    int64_t updated;
  };
  Times TimesOf(const std::optional<absl::Time>& created,
                const std::optional<absl::Time>& updated) const;

  ItemIndex& Index(ItemKind kind) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return indexes_[static_cast<size_t>(kind)];
  }
  const ItemIndex& Index(ItemKind kind) const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return indexes_[static_cast<size_t>(kind)];
  }
  ItemPtr FindNumberLocked(int64_t number) const
      ABSL_SHARED_LOCKS_REQUIRED(mu_);
  int64_t AddIssueOrPull(std::string_view author,
                         std::optional<std::string> body,
                         const PullOptions& options, bool is_pull);
  // Makes a review with an empty body around a comment; returns its id.
  int64_t AddReviewLocked(const Written& written, std::string_view state)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Written NewWritten(int64_t number, std::string_view author,
                     std::optional<std::string> body,
                     const WriteOptions& options) const;
  // Asks the clock, so it is for before the lock is taken.
  int64_t SecondsOrNow(const std::optional<absl::Time>& time) const;
  // After something was written on `number`.
  void MovePull(int64_t number, int64_t moved_to, int64_t more_comments,
                int64_t more_review_comments)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool EditItem(ItemKind kind, int64_t id, std::optional<std::string> body,
                const EditOptions& options, bool moves_pull);
  bool DeleteItem(ItemKind kind, int64_t id);
  absl::Status ImportPull(std::string_view json);
  absl::Status ImportWritten(ItemKind kind, std::string_view json);

  const std::shared_ptr<World> world_;
  mutable absl::Mutex mu_;
  RepoIdentity identity_ ABSL_GUARDED_BY(mu_);
  std::array<ItemIndex, 4> indexes_ ABSL_GUARDED_BY(mu_);
  // Numbers of pull requests and issues to their ids.
  std::map<int64_t, int64_t> numbers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_FAKE_REPOSITORY_H_
