// The kinds of bodies that a subscription can be about, and where each is read,
// as one table.

#ifndef MENTIOND_LIB_SUBSCRIPTION_SOURCES_H_
#define MENTIOND_LIB_SUBSCRIPTION_SOURCES_H_

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "lib/github/types.h"

namespace mentiond {

// What is read and delivered together, with ids of its own. Comments on issues
// and on pull requests share theirs, and a comment keeps its id when its issue
// becomes a pull request.
enum class Feed : uint8_t {
  kConversations,
  kReviewComments,
  kPullDescriptions,
  kReviews,
  kIssueDescriptions,
};
inline constexpr size_t kFeeds = 5;

struct SourceInfo {
  Source source;
  Feed feed;
  // The listing that has these bodies in the order of their last change;
  // nullopt: they are read per pull request (or issue) that the issues listing
  // shows as updated.
  std::optional<Listing> listing;
};

inline constexpr std::array<SourceInfo, 6> kSources = {{
    {Source::SOURCE_PULL_REQUEST, Feed::kPullDescriptions, std::nullopt},
    {Source::SOURCE_PULL_REQUEST_COMMENT, Feed::kConversations,
     Listing::kIssueComments},
    {Source::SOURCE_REVIEW_COMMENT, Feed::kReviewComments,
     Listing::kReviewComments},
    {Source::SOURCE_REVIEW, Feed::kReviews, std::nullopt},
    {Source::SOURCE_ISSUE, Feed::kIssueDescriptions, std::nullopt},
    {Source::SOURCE_ISSUE_COMMENT, Feed::kConversations,
     Listing::kIssueComments},
}};

// `source` is not SOURCE_UNSPECIFIED.
constexpr Feed FeedOf(Source source) {
  for (const SourceInfo& info : kSources) {
    if (info.source == source) return info.feed;
  }
  return Feed::kConversations;
}

// A set of the contract's sources.
class SourceSet {
 public:
  SourceSet(std::initializer_list<Source> sources) {
    for (const Source source : sources) Insert(source);
  }

  void Insert(Source source) { bits_.set(source); }
  bool Contains(Source source) const { return bits_.test(source); }
  bool empty() const { return bits_.none(); }

  // Whether the listing has bodies of these sources; for the issues listing,
  // whether it tells which pull requests or issues to read.
  bool NeedsListing(Listing listing) const {
    for (const SourceInfo& info : kSources) {
      if (info.listing.value_or(Listing::kIssues) == listing &&
          Contains(info.source)) {
        return true;
      }
    }
    return false;
  }
  bool NeedsPulls() const {
    return Contains(Source::SOURCE_PULL_REQUEST) ||
           Contains(Source::SOURCE_REVIEW);
  }
  bool NeedsIssues() const { return Contains(Source::SOURCE_ISSUE); }
  // Whether issues can have bodies of these sources, descriptions or comments.
  bool HasIssueSources() const {
    return NeedsIssues() || Contains(Source::SOURCE_ISSUE_COMMENT);
  }

  // The bit of each source's number in the contract.
  unsigned long ToBits() const { return bits_.to_ulong(); }  // NOLINT

 private:
  std::bitset<mentions::v1::Source_ARRAYSIZE> bits_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_SUBSCRIPTION_SOURCES_H_
