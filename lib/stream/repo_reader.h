// Reads a repository for one subscription: first its history, then, at each
// poll, what is new; every mention is delivered once.

#ifndef MENTIOND_LIB_STREAM_REPO_READER_H_
#define MENTIOND_LIB_STREAM_REPO_READER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "asio/awaitable.hpp"

#include "lib/base/clock.h"
#include "lib/github/github_client.h"
#include "lib/stream/delivery.h"
#include "lib/stream/indexed_history.h"
#include "lib/stream/listing_feed.h"
#include "lib/stream/review_feed.h"
#include "lib/stream/subscription.h"

namespace mentiond {

// Loop thread only. What is passed by reference outlives it.
//
// All errors are as GitHubClient::FetchPage's, or CANCELLED. After one that
// passes, calling again goes on: nothing is lost and nothing delivered twice.
class RepoReader {
 public:
  // See PollerEnvironment for `search_from_requests`.
  RepoReader(GitHubClient& github, const Clock& clock,
             int64_t search_from_requests, const Subscription& subscription,
             Delivery& delivery);

  // Everything that is there already, with progress.
  asio::awaitable<absl::Status> ReadHistory();

  // What may be new. The issues listing shows nearly all that happens in a
  // repository; where it is wanted, the others are asked when it has moved, in
  // that poll and the next two, and when `full`.
  asio::awaitable<absl::Status> ReadNews(bool full);

 private:
  enum class History { kNotBegun, kListings, kIndexed, kRead };

  asio::awaitable<absl::Status> BeginHistory();
  asio::awaitable<absl::Status> ReadListedHistory();
  asio::awaitable<absl::Status> ReadListings();
  asio::awaitable<absl::Status> ReadIndexedHistory();
  asio::awaitable<absl::Status> DeliverFound(std::vector<Item> found);
  asio::awaitable<absl::Status> CatchUp();
  asio::awaitable<absl::Status> ReadReviews(Priority priority);
  asio::awaitable<absl::Status> SendProgress();
  PlainCost CostOfListings() const;
  bool WantsReviews() const;

  GitHubClient& github_;
  const Clock& clock_;
  const int64_t search_from_requests_;
  const Subscription& subscription_;
  Delivery& delivery_;
  ReviewFeed reviews_;
  ListingFeed listings_;

  History history_;
  bool scan_resumed_ = false;  // it was begun before a break
  std::unique_ptr<IndexedHistory> indexed_;
  // Of readings of listings that failed: what has been done stays done.
  uint32_t pages_done_ = 0;
  // In how many polls more all listings are asked.
  int busy_polls_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_REPO_READER_H_
