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
#include "lib/stream/subscription.h"

namespace mentiond {

// Loop thread only. What is passed by reference outlives it.
//
// All errors are as GitHubClient::FetchPage's, or CANCELLED. After one that
// passes, calling again goes on: nothing is lost and nothing delivered twice.
class RepoReader {
 public:
  RepoReader(GitHubClient& github, const Clock& clock,
             const Subscription& subscription, EventQueue& queue);

  // Everything that is there already, with progress.
  asio::awaitable<absl::Status> ReadHistory();

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
  asio::awaitable<absl::Status> DeliverReviews();

  asio::awaitable<absl::Status> SendProgress();
  asio::awaitable<absl::StatusOr<bool>> IsNew(const Item& item);
  void ForgetReadings();
  bool WantsReviews() const;

  GitHubClient& github_;
  const Clock& clock_;
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

  History history_ = History::kNotBegun;
  std::unique_ptr<IndexedHistory> indexed_;
  std::vector<Reading> readings_;
  // Found, but not delivered before all have been found: oldest first.
  std::vector<Item> reviews_;
  // Of readings that failed, and of reviews: what has been done stays done.
  uint32_t pages_done_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_REPO_READER_H_
