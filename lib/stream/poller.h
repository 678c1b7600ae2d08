// The task behind one open stream: reads the repository's history, says so,
// then polls, and puts every mention into the stream's queue.

#ifndef MENTIOND_LIB_STREAM_POLLER_H_
#define MENTIOND_LIB_STREAM_POLLER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/github/github_client.h"
#include "lib/github/listing_reader.h"
#include "lib/mention/changed_pulls.h"
#include "lib/mention/cursor.h"
#include "lib/stream/event_queue.h"
#include "lib/stream/subscription.h"

namespace mentiond {

// What all pollers share. Everything in it outlives them.
struct PollerEnvironment {
  GitHubClient& github;
  Clock& clock;
  UniformRandom random = &RealUniformRandom;
  absl::Duration poll_interval = absl::Seconds(60);
};

// Loop thread only.
class Poller {
 public:
  Poller(PollerEnvironment& environment, Subscription subscription,
         EventQueue& queue);

  // Runs until it is cancelled (CANCELLED) or can't go on (the status that
  // the stream ends with). Faults that pass do not end it.
  asio::awaitable<absl::Status> Run();

 private:
  // A listing while it is being read, with the page to look at next.
  struct Reading {
    Listing listing;
    ListingReader reader;
    std::shared_ptr<const Page> page;
  };

  // Reads everything that may have changed since the last time.
  asio::awaitable<absl::Status> ReadAll();
  asio::awaitable<absl::Status> ReadListings();
  asio::awaitable<absl::Status> ReadReviews();
  asio::awaitable<absl::Status> ReadReviewsOf(int64_t pull_request);

  asio::awaitable<absl::Status> Deliver(Listing listing,
                                        std::shared_ptr<const Page> page);
  asio::awaitable<absl::Status> DeliverReviews();
  asio::awaitable<absl::Status> SendProgress();
  bool IsNew(const Item& item);
  absl::Time NextPoll(absl::Time started) const;

  PollerEnvironment& environment_;
  const Subscription subscription_;
  EventQueue& queue_;

  Cursor cursor_;
  ChangedPulls changed_pulls_;
  // Found, but not delivered before all have been found: oldest first.
  std::vector<Item> reviews_;

  bool synced_ = false;
  std::vector<Reading> readings_;
  uint32_t review_pages_done_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_POLLER_H_
