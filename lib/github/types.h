// What the service reads from GitHub: listings, their pages, the texts in them.

#ifndef MENTIOND_LIB_GITHUB_TYPES_H_
#define MENTIOND_LIB_GITHUB_TYPES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

using mentions::v1::Source;

// GitHub's listings in which mentions are found. All but the reviews are
// repository-wide, ordered by their items' last update and readable from a
// time on; reviews are listed per pull request. Comments are, too, when only
// those of some pull requests matter; their shape is the same.
enum class Listing : uint8_t {
  kIssues,          // /issues: descriptions, of pull requests too
  kIssueComments,   // /issues/comments: conversations
  kReviewComments,  // /pulls/comments: comments on diffs
  kReviews,         // /pulls/{number}/reviews
  kSearch,          // /search/issues: descriptions of what was found
};

// One text that may hold mentions.
struct Item {
  Source source = Source::SOURCE_UNSPECIFIED;
  int64_t id = 0;
  int64_t number = 0;  // of its pull request or issue
  std::string author;  // empty: the account has been deleted
  std::string body;
  std::string url;
  absl::Time created_at;
  absl::Time updated_at;  // a review's submission: reviews have no other time

  // Whom the body mentions, in lower case, once somebody wanted to know: found
  // once for all streams. Loop thread only.
  mutable std::shared_ptr<const std::vector<std::string>> mentions = nullptr;
};

// One page of a listing.
struct Page {
  std::vector<Item> items;
  // Items left out because they were not of the documented shape.
  size_t skipped = 0;
  // The latest update among the page's items.
  std::optional<absl::Time> latest;
  // Where GitHub says the next page is; empty: this was the last.
  std::string next_url;
  // How many pages GitHub says there are; 0: it did not say.
  uint32_t last_page = 0;
  // Of a search: how many results there are in all; nullopt: it is no search,
  // or GitHub says that it did not look at everything.
  std::optional<int64_t> found;
  // Where the repository is now, when GitHub said that it has moved for good
  // (a URL as GitHubClient::RepoUrl makes them); empty: it has not.
  std::string moved_to;
  // Differs between any two pages in this process that may differ.
  uint64_t version = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_TYPES_H_
