// What is behind one open stream: delivers the repository's history, reports
// that it is complete, then polls for new mentions.

#ifndef MENTIOND_LIB_STREAM_POLLER_H_
#define MENTIOND_LIB_STREAM_POLLER_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/github/github_client.h"
#include "lib/metrics/metrics.h"
#include "lib/stream/schedule.h"
#include "lib/stream/stream_id.h"
#include "lib/stream/stream_view.h"
#include "lib/subscription/event_queue.h"
#include "lib/subscription/subscription.h"
#include "lib/sync/outbox.h"
#include "lib/sync/repo_sync.h"

namespace mentiond {

// What all pollers share. Everything in it outlives them.
struct PollerEnvironment {
  GitHubClient& github;
  Clock& clock;
  UniformRandom random = &RealUniformRandom;
  Metrics* metrics = &Metrics::Unused();
  absl::Duration poll_interval = absl::Seconds(60);
  // After how long without any event a heartbeat shows that a stream is alive.
  absl::Duration keepalive_interval = absl::InfiniteDuration();
  // How long a stream lives, give or take a tenth, before its client has to
  // resume it, maybe elsewhere.
  absl::Duration max_stream_age = absl::InfiniteDuration();
  // How many requests polls may count on in a minute; see SustainableInterval.
  int requests_per_minute = 900;
  // Every so many polls all listings are read, whatever the issues listing
  // shows.
  int full_poll_every = 10;
  // How often every pull request is read again; infinite: never.
  absl::Duration full_read_interval = absl::Hours(24);
  // The interval for the repositories of a token, where it is not
  // `poll_interval` for all; set by the group that the pollers are in.
  std::function<absl::Duration(const TokenHash&)> interval_of = nullptr;
  // Spreads the polls over the interval; see Schedule.
  std::function<uint64_t(const Secret&, const RepoName&)> phase_of = &PhaseOf;
};

// Loop thread only.
class Poller {
 public:
  Poller(PollerEnvironment& environment, Subscription subscription,
         EventQueue& queue);

  // Polls once: returns when the next poll is due. An error is permanent: the
  // status for the stream to end with, or CANCELLED; rate limits and transient
  // failures only delay the next poll.
  //
  // `stream`, for the log, outlives the call. It is passed and not kept: most
  // of a hundred thousand pollers are not polling.
  asio::awaitable<absl::StatusOr<absl::Time>> Poll(const StreamId& stream);

  // Whether a poll may come before it is due: not if the last attempt has
  // failed, nor if the polls that are due may need what is left of the quota.
  bool MayPollSoon() const;

  // Sends a heartbeat with the time of the last poll if nothing else is queued:
  // the stream has been quiet for long. May be called while Poll() waits.
  void KeepAlive();

  const Subscription& subscription() const { return subscription_; }
  StreamState state() const;
  // Fills in what the poller knows.
  void Describe(StreamView& view) const;

 private:
  asio::awaitable<absl::Status> Read(const StreamId& stream);
  asio::awaitable<absl::Status> ReportSuccess();
  asio::awaitable<absl::Status> ReportDelay(absl::Status why);
  EventQueue::Event Heartbeat() const;
  PollOutcome OutcomeOf(const absl::Status& status) const;
  bool IsFullReadDue(absl::Time now) const;
  // Whether a stream that was good until now should try again before it ends
  // with that error.
  bool MayBeFault(const absl::Status& status) const;
  absl::Duration Interval() const;
  // Both as all pollers have them: there are many, which do not keep them.
  Schedule schedule() const;
  BackoffPolicy backoff() const;

  PollerEnvironment& environment_;
  Subscription subscription_;
  const uint64_t phase_;  // of its schedule
  Outbox outbox_;
  RepoSync sync_;

  // The first poll after a resumption is a full one.
  int polls_since_full_;
  int doubts_ = 0;  // attempts in a row whose error may be a fault of GitHub's
  absl::Duration longest_wait_;  // before the next attempt, after a fault
  absl::Time polled_at_ = absl::InfinitePast();
  absl::Time due_ = absl::InfinitePast();  // the next poll
  // Since when no attempt has succeeded; nullopt: the last one did.
  std::optional<absl::Time> late_since_;
  absl::Status why_late_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_POLLER_H_
