// Reads a repository for one subscription: first its history, then, at each
// poll, what is new; every mention goes into the stream's queue once.

#ifndef MENTIOND_LIB_STREAM_REPO_READER_H_
#define MENTIOND_LIB_STREAM_REPO_READER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/clock.h"
#include "lib/github/github_client.h"
#include "lib/github/listing_reader.h"
#include "lib/mention/changed_pulls.h"
#include "lib/mention/cursor.h"
#include "lib/stream/event_queue.h"
#include "lib/stream/indexed_history.h"
#include "lib/stream/pull_scan.h"
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
             EventQueue& queue);

  // Everything that is there already, with progress.
  asio::awaitable<absl::Status> ReadHistory();

  // What to go on with after the response that is sent now.
  const std::string& ResumeToken();

  // Whether the history has been delivered, here or before a break.
  bool synced() const { return synced_; }
  // Says that it is complete.
  void MarkSynced() { synced_ = true; }

  // What may be new. The issues listing shows nearly all that happens in a
  // repository; where it is wanted, the others are asked when it has moved, in
  // that poll and the next two, and when `full`.
  asio::awaitable<absl::Status> ReadNews(bool full);

 private:
  // One reading of a listing, with the page to look at next.
  struct Reading {
    Listing listing;
    ListingReader reader;
    std::shared_ptr<const Page> page;
    std::vector<uint64_t> versions = {};  // of its pages
    // Of the issues listing: its items, by a hash of their version.
    std::vector<std::pair<absl::Time, size_t>> seen = {};
    bool moved = false;  // has an item that was not seen before
  };
  // What is remembered of a listing from reading to reading.
  struct State {
    // The versions of the pages of the last reading: there is nothing new in
    // them.
    std::vector<uint64_t> versions;
    // Where that began.
    std::optional<absl::Time> since;
    // It has one page in all, and is read from its beginning: so the question
    // stays the same.
    bool is_one_page = false;
    // In a row; each halves the size of the pages asked for, as GitHub can fail
    // over large ones.
    int failures = 0;
  };
  enum class History { kNotBegun, kListings, kIndexed, kRead };

  // Puts an event with its resume token into the queue.
  asio::awaitable<absl::Status> Send(EventQueue::Event event);
  asio::awaitable<absl::Status> Begin(Listing listing, Priority priority);
  asio::awaitable<absl::Status> Finish(Reading& reading);
  asio::awaitable<absl::StatusOr<bool>> Read(Listing listing);
  asio::awaitable<absl::Status> Deliver(Reading& reading, const Page& page);
  void KeepSeen(const Reading& reading);
  std::optional<absl::Time> NextSince(Listing listing) const;
  absl::Status NoteFailure(Listing listing, absl::Status status);

  asio::awaitable<absl::Status> BeginHistory();
  asio::awaitable<absl::Status> ReadListedHistory();
  asio::awaitable<absl::Status> ReadIndexedHistory();
  asio::awaitable<absl::Status> CatchUp();
  PlainCost CostOfListings() const;

  asio::awaitable<absl::Status> ReadReviews(Priority priority);
  asio::awaitable<absl::Status> ReadReviewsOf(ChangedPulls::Due pull,
                                              Priority priority);
  bool IsScanned(const ChangedPulls::Due& pull) const;
  asio::awaitable<absl::Status> DeliverReviews(std::optional<absl::Time> until);
  asio::awaitable<absl::Status> DeliverFound(std::vector<Item> found);

  asio::awaitable<absl::Status> SendProgress();
  asio::awaitable<absl::StatusOr<bool>> Mentions(const Item& item);
  void ForgetReadings();
  bool WantsReviews() const;

  GitHubClient& github_;
  const Clock& clock_;
  const int64_t search_from_requests_;
  const Subscription& subscription_;
  EventQueue& queue_;

  const std::vector<Listing> listings_;  // those to read, /issues first
  std::string repo_url_;
  Cursor cursor_;
  ChangedPulls changed_pulls_;
  std::map<Listing, State> states_;
  // What the issues listing has shown and is going to show again.
  absl::flat_hash_set<size_t> seen_issues_;
  // In how many polls more all listings are asked.
  int busy_polls_ = 0;

  bool synced_ = false;
  History history_ = History::kNotBegun;
  PullScan scan_;
  bool scan_resumed_ = false;  // it was begun before a break
  std::unique_ptr<IndexedHistory> indexed_;

  std::string token_;
  std::optional<uint64_t> token_revision_;  // of what token_ was made
  uint64_t scan_revision_ = 0;
  std::vector<Reading> readings_;
  // Found, but not delivered before all have been found: oldest first.
  std::vector<Item> reviews_;
  // Of readings that failed, and of reviews: what has been done stays done.
  uint32_t pages_done_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_REPO_READER_H_
