// New versions of items, made by changing a few fields in their JSON.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_ITEM_EDIT_H_
#define MENTIOND_TESTS_FAKE_GITHUB_ITEM_EDIT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tests/fake_github/item.h"
#include "tests/fake_github/render.h"

namespace mentiond::fake_github {

// A new body, which may be null.
struct BodyChange {
  std::optional<std::string> body;
};

struct IssueChange {
  int64_t updated = 0;
  std::optional<BodyChange> body;
  std::optional<std::string> title;
  std::optional<bool> open;
  int64_t more_comments = 0;
  int64_t more_review_comments = 0;
};

// `old` with another body, edited then, and time, where it has an `updated_at`.
ItemPtr EditedItem(const Item& old, const BodyChange& body, int64_t updated,
                   int64_t edited);

// `old` (a pull request or an issue) with `change` in all its views.
ItemPtr ChangedIssue(const RepoIdentity& repo, const Item& old,
                     const IssueChange& change);

// Makes `json` and `pull_json` anew from `pull_full_json`.
void RefreshPullViews(const RepoIdentity& repo, Item& item);

// `old` after its repository was renamed: each address at the top level and
// in nested objects follows, what people wrote stays.
ItemPtr MovedItem(const Item& old, const RepoIdentity& from,
                  const RepoIdentity& to);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_ITEM_EDIT_H_
