// One thing that the stand-in GitHub lists (a pull request or issue, a
// comment, a review), with its JSON ready to be sent.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_ITEM_H_
#define MENTIOND_TESTS_FAKE_GITHUB_ITEM_H_

#include <cstdint>
#include <memory>
#include <string>

namespace mentiond::fake_github {

enum class ItemKind { kIssue, kIssueComment, kReviewComment, kReview };

// Never changed once it is listed; an edit puts a new one in its place, so a
// listing that is being sent stays what it was.
struct Item {
  int64_t id = 0;
  // The pull request or issue that this is, or belongs to.
  int64_t number = 0;
  // Whole seconds since 1970. A review has one time, submitted_at: both.
  int64_t created = 0;
  int64_t updated = 0;
  // When the body was last edited, which only GraphQL shows; 0: never.
  int64_t last_edited = 0;
  // A login; empty where `user` is null.
  std::string author;
  // Empty where it is null.
  std::string body;
  // As it is in lists and single responses. For a pull request it is the issue
  // object, as /issues has it.
  std::string json;

  // Of kIssue only:
  bool is_pull = false;
  bool open = true;
  int64_t comments = 0;
  // The responses of /pulls and /pulls/{n}; empty for a plain issue.
  std::string pull_json;
  std::string pull_full_json;
};

using ItemPtr = std::shared_ptr<const Item>;

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_ITEM_H_
