// What the stand-in GitHub lists: pull requests and issues, comments, reviews.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_ITEM_H_
#define MENTIOND_TESTS_FAKE_GITHUB_ITEM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mentiond::fake_github {

enum class ItemKind { kIssue, kIssueComment, kReviewComment, kReview };

// Never changed once it is listed; an edit puts a new one in its place, so a
// listing that is being sent stays what it was.
struct Item {
  ItemKind kind = ItemKind::kIssue;
  int64_t id = 0;
  // The pull request or issue that this is, or belongs to.
  int64_t number = 0;
  bool is_pull = true;
  // A login; empty for a deleted account, where `user` is null.
  std::string author;
  std::optional<std::string> body;
  // Whole seconds since 1970. A review has one time, submitted_at: both.
  int64_t created = 0;
  int64_t updated = 0;
  // When the body was last edited, which only GraphQL shows; 0: never.
  int64_t last_edited = 0;

  // Of kIssue only. A pull request has an id besides that of its issue.
  int64_t pull_id = 0;
  std::string title;
  bool open = true;
  int64_t merged = 0;  // 0: never
  int64_t comments = 0;
  // Of kReview: APPROVED, COMMENTED and so on.
  std::string state;
  // Of kReviewComment.
  int64_t review_id = 0;

  // As it is in REST's lists; empty for a review, which is in none.
  std::string json;
};

using ItemPtr = std::shared_ptr<const Item>;

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_ITEM_H_
