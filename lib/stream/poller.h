// The task behind one open stream: reads the repository's history, says so,
// then polls, and puts every mention into the stream's queue.

#ifndef MENTIOND_LIB_STREAM_POLLER_H_
#define MENTIOND_LIB_STREAM_POLLER_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/github/github_client.h"
#include "lib/stream/delivery.h"
#include "lib/stream/event_queue.h"
#include "lib/stream/repo_reader.h"
#include "lib/stream/schedule.h"
#include "lib/stream/subscription.h"

namespace mentiond {

// What all pollers share. Everything in it outlives them.
struct PollerEnvironment {
  GitHubClient& github;
  Clock& clock;
  UniformRandom random = &RealUniformRandom;
  absl::Duration poll_interval = absl::Seconds(60);
  // Every so many polls everything is asked, whatever the issues listing shows.
  int full_poll_every = 10;
  // A history that costs so many requests may be read by way of the search.
  int64_t search_from_requests = 200;
};

// Loop thread only.
class Poller {
 public:
  Poller(PollerEnvironment& environment, Subscription subscription,
         EventQueue& queue);

  // Runs until it is cancelled (CANCELLED) or can't go on (the status that
  // the stream ends with). Limits and faults that pass do not end it.
  asio::awaitable<absl::Status> Run();

 private:
  asio::awaitable<absl::Status> Read();
  asio::awaitable<absl::Status> Completed();
  asio::awaitable<absl::Status> Postponed(absl::Status why);

  PollerEnvironment& environment_;
  Subscription subscription_;
  const Schedule schedule_;
  Backoff backoff_;
  Delivery delivery_;
  RepoReader reader_;

  // The first poll after a break is a full one.
  int polls_since_full_;
  absl::Time due_ = absl::InfinitePast();  // the next attempt
  // Since when nothing has succeeded; nullopt: the last attempt did.
  std::optional<absl::Time> late_since_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_POLLER_H_
