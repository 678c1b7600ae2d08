// What the service reads from GitHub: listings and queries, the pages they
// return, and the descriptions, reviews and comments on those.

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

class MentionIndex;  // lib/markdown
struct Mentions;

using mentions::v1::Source;

// The repository-wide listings of GitHub's REST API, in ascending order of
// their items' last update and readable from any time.
enum class Listing : uint8_t {
  kIssues,          // /issues: issues and pull requests
  kIssueComments,   // /issues/comments: conversation comments
  kReviewComments,  // /pulls/comments: comments on diffs
};
inline constexpr size_t kListings = 3;

// A description, comment or review: a body that may mention users.
struct Item {
  Source source = Source::SOURCE_UNSPECIFIED;
  // Of its pull request or issue, where the response has it.
  mentions::v1::PullState state = mentions::v1::PULL_STATE_UNSPECIFIED;
  int64_t id = 0;
  int64_t number = 0;  // of its pull request or issue
  // All empty where a response's body is known to mention nobody.
  std::string author;  // empty: the account has been deleted
  std::string body;
  std::string url;
  std::string title;  // as `state`; empty: not known
  absl::Time created_at;
  // When the body was last changed, with one exception: in the issues listing
  // it is when the issue or pull request was last updated in any way.
  absl::Time updated_at;

  // What the body mentions; null: not extracted yet. Shared by all streams that
  // read this item. Loop thread only.
  mutable std::shared_ptr<Mentions> mentions = nullptr;
};

// One page of a listing.
struct Page {
  std::vector<Item> items;
  // Items left out because they were malformed.
  size_t skipped = 0;
  // The latest `updated_at` on the page.
  std::optional<absl::Time> latest;
  // The URL of the next page; empty: this is the last.
  std::string next_url;
  // The number of pages by GitHub's account; 0: not reported.
  uint32_t last_page = 0;
  // The repository's new API URL, if GitHub answered that it has moved
  // permanently; empty: it has not.
  std::string moved_to;
  // When GitHub's response with it came; not set where it has no items.
  absl::Time received_at = absl::InfinitePast();
  // Two pages with the same version in one process are identical.
  uint64_t version = 0;

  // Of the items' bodies; null: not made yet. Shared by all streams that read
  // this page. Loop thread only.
  mutable std::shared_ptr<const MentionIndex> index = nullptr;
};

// The pages of one connection that GitHub nests in a pull request or issue.
enum class PullPart : uint8_t {
  kPull,                // description and reviews
  kIssue,               // description
  kReviews,             // reviews after a cursor
  kReviewsAndComments,  // reviews after a cursor, with their comments
  kPullComments,    // conversation comments of a pull request after a cursor
  kIssueComments,   // conversation comments of an issue after a cursor
  kReviewComments,  // comments of one review after a cursor
};

// One thing to read by GraphQL.
struct PullRequestPart {
  PullPart part = PullPart::kPull;
  int64_t number = 0;
  std::string after = {};    // a cursor; empty: from the beginning
  std::string node_id = {};  // of the review, for kReviewComments

  friend bool operator==(const PullRequestPart&,
                         const PullRequestPart&) = default;
};

// The result of a GraphQL query.
struct PullPage {
  // Descriptions, reviews and comments, in no particular order.
  std::vector<Item> items;
  size_t skipped = 0;
  // Connections that have more pages.
  std::vector<PullRequestPart> more;
  // Parts that could not be read this time, although the query succeeded:
  // GitHub returned null beside an error. `failure` says why.
  std::vector<PullRequestPart> unread;
  std::string failure;

  // Of a search only:
  int64_t result_count = 0;  // by GitHub's account, on all pages
  size_t results = 0;        // on this page
  std::string next_cursor;   // empty: this is the last page
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_TYPES_H_
