// The repository-wide listings of a subscription: reads them page by page, from
// where they were left, and delivers what is new in them.

#ifndef MENTIOND_LIB_STREAM_LISTING_FEED_H_
#define MENTIOND_LIB_STREAM_LISTING_FEED_H_

#include <cstddef>
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
#include "lib/stream/delivery.h"
#include "lib/stream/review_feed.h"
#include "lib/stream/subscription.h"

namespace mentiond {

// Loop thread only. What is passed by reference outlives it. Errors are as
// GitHubClient::FetchPage's, or EventQueue::Push's.
class ListingFeed {
 public:
  // `reviews` hears of the pull requests that the issues listing shows.
  ListingFeed(GitHubClient& github, const Clock& clock,
              const Subscription& subscription, Delivery& delivery,
              ReviewFeed& reviews);

  // Those to read; the issues first, if they are among them.
  const std::vector<Listing>& listings() const { return listings_; }
  // Where the repository is, as far as is known.
  const std::string& repo_url() const { return repo_url_; }

  // Fetches the first page of every listing, which tells how many there are.
  asio::awaitable<absl::Status> BeginAll();
  // Delivers one page of what was begun; false: there is none left.
  asio::awaitable<absl::StatusOr<bool>> Step();
  bool has_begun() const { return !readings_.empty(); }
  // Breaks off what was begun.
  void Abandon() { readings_.clear(); }

  // A whole reading of one listing; whether it showed something that the
  // reading before had not (of the issues listing only).
  asio::awaitable<absl::StatusOr<bool>> Read(Listing listing);
  // Whether the next reading is going to ask for something else than the last.
  bool IsBehind(Listing listing);

  // The issues listing is read from its beginning for now, to find the pull
  // requests whose reviews are still to be scanned.
  void SetAllIssues(bool all) { all_issues_ = all; }

  // Of what was begun.
  struct Pages {
    uint32_t done = 0;
    uint32_t total = 0;
    uint32_t issues = 0;  // of the total
    bool all_issues_read = true;
  };
  Pages pages() const;

 private:
  // One reading of a listing.
  struct Reading {
    Listing listing;
    ListingReader reader;
    std::shared_ptr<const Page> page;     // to be delivered next
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

  asio::awaitable<absl::Status> Begin(Listing listing, Priority priority);
  asio::awaitable<absl::Status> Deliver(Reading& reading, const Page& page);
  void Complete(const Reading& reading);
  void KeepSeen(const Reading& reading);
  std::optional<absl::Time> NextSince(Listing listing);
  absl::Status NoteFailure(Listing listing, absl::Status status);

  GitHubClient& github_;
  const Clock& clock_;
  const Subscription& subscription_;
  Delivery& delivery_;
  ReviewFeed& reviews_;
  const std::vector<Listing> listings_;
  std::string repo_url_;
  bool all_issues_ = false;

  std::map<Listing, State> states_;
  // What the issues listing has shown and is going to show again.
  absl::flat_hash_set<size_t> seen_issues_;

  std::vector<Reading> readings_;
  size_t at_ = 0;  // of readings_, the one under way
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_LISTING_FEED_H_
