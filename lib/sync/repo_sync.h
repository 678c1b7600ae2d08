// Keeps one stream in step with a repository.
//
// One call of Read() is one attempt to deliver everything that is new. It is a
// linear coroutine over GitHub's listings, each read from its high-water mark:
//
//   1. Pull requests. The issues listing shows which ones were updated;
//      PullReader reads their descriptions and reviews by GraphQL and delivers
//      the new mentions.
//   2. Comments. When (1) has seen an update lately, or in every full poll, the
//      listings of conversation and review comments are read, and the new
//      mentions on each page are delivered.
//
// The history is the same reading from the beginning of each listing (of the
// issues listing as a "full read", which is repeated once in a while). As it
// can take long, (1) and (2) are done once more before it counts as delivered.
// A client can choose to have the history found by GitHub's search instead, or
// to have none: then the high-water marks begin at the latest updates.
//
// After any transient error Read() is simply called again: progress is kept
// with each event, and requests are conditional, so that costs little.

#ifndef MENTIOND_LIB_SYNC_REPO_SYNC_H_
#define MENTIOND_LIB_SYNC_REPO_SYNC_H_

#include <cstdint>
#include <list>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "asio/awaitable.hpp"

#include "lib/base/clock.h"
#include "lib/github/github_client.h"
#include "lib/github/listing_reader.h"
#include "lib/github/repository.h"
#include "lib/stream/stream_id.h"
#include "lib/subscription/subscription.h"
#include "lib/sync/outbox.h"
#include "lib/sync/pull_reader.h"

namespace mentiond {

struct ReadOptions {
  // A full poll: reads all listings, whether or not the issues listing shows
  // updates, and retries what could not be read.
  bool all_listings = false;
  // A full read is due: reads every pull request again, a few pages of the
  // issues listing at each call, for edits of reviews that do not update their
  // pull request.
  bool full_read = false;
};

// Loop thread only. What is passed by reference outlives it.
class RepoSync {
 public:
  RepoSync(GitHubClient& github, const Clock& clock,
           const Subscription& subscription, Outbox& outbox);

  // Delivers everything that is new; until the outbox is told that the stream
  // is synced, the history. Errors are as GitHubClient's, transient ones among
  // them, and CANCELLED.
  // `stream`, for the log, outlives the call.
  asio::awaitable<absl::Status> Read(const StreamId& stream,
                                     ReadOptions options);

  // Why the history that Read() has delivered may lack mentions.
  absl::btree_set<mentions::v1::Gap> Gaps() const;

 private:
  asio::awaitable<absl::Status> ReadHistory(const StreamId& stream);
  asio::awaitable<absl::Status> ReadCompleteHistory(const StreamId& stream);
  asio::awaitable<absl::Status> SkipHistory(const StreamId& stream);
  asio::awaitable<absl::Status> ReadUpdates(const StreamId& stream,
                                            ReadOptions options);
  asio::awaitable<absl::Status> ReadPulls(const StreamId& stream,
                                          ReadOptions options);
  asio::awaitable<absl::Status> ReadComments(ListingReader& comments);
  asio::awaitable<absl::Status> ShowProgress();
  // A reading of a listing from its high-water mark.
  ListingReader ReaderOf(Listing listing, Priority priority);
  ListingReader FullReader(Priority priority);
  bool Needs(Listing listing) const {
    return subscription_.sources.NeedsListing(listing);
  }

  const Clock& clock_;
  const Subscription& subscription_;
  Outbox& outbox_;
  Repository repository_;
  PullReader pulls_;

  // Of a history that is being read.
  std::list<ListingReader> history_readers_;
  uint32_t pages_before_ = 0;  // read by earlier calls

  // In how many polls more all listings are read.
  int busy_polls_ = 0;
  uint64_t updates_handled_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_SYNC_REPO_SYNC_H_
