// The reviews of a repository, which GitHub lists per pull request only: in
// rounds, it reads those of each pull request that has moved, and delivers what
// is new in order of time.

#ifndef MENTIOND_LIB_STREAM_REVIEW_FEED_H_
#define MENTIOND_LIB_STREAM_REVIEW_FEED_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/clock.h"
#include "lib/github/github_client.h"
#include "lib/mention/changed_pulls.h"
#include "lib/stream/delivery.h"
#include "lib/stream/subscription.h"

namespace mentiond {

// Loop thread only. What is passed by reference outlives it. As long as the
// delivery has a scan, what is read is history.
class ReviewFeed {
 public:
  ReviewFeed(GitHubClient& github, const Clock& clock,
             const Subscription& subscription, Delivery& delivery);

  // The issues listing shows this item; one that is a pull request, and has
  // moved, is read in the next round.
  void Note(const Item& item);
  // The issues listing has been read up to `latest`, and is not going to be
  // read from much before that.
  void HasRead(absl::Time latest);

  // A round is BeginRound, Step until it is false, EndRound; breaking off is
  // fine at any time.
  void BeginRound(const std::string& repo_url, Priority priority);
  // Reads one pull request; false: none is left. One that can't be read keeps
  // no other from being read: it is tried again in the next round. An error
  // (as GitHubClient::FetchPage's) is one that does not pass.
  asio::awaitable<absl::StatusOr<bool>> Step();
  // Delivers what was found; an error says why some could not be read. A
  // history is delivered in order, and so only when it is complete; but a pull
  // request that stays unreadable does not hold back the others for ever.
  asio::awaitable<absl::Status> EndRound();

  // How many pull requests are left in this round.
  size_t due() const { return changed_pulls_.due(); }
  // How many have been read in all rounds.
  uint32_t pages_done() const { return pages_done_; }

 private:
  asio::awaitable<absl::Status> Read(ChangedPulls::Due pull);
  bool IsScanned(const ChangedPulls::Due& pull);
  asio::awaitable<absl::Status> Deliver(std::optional<absl::Time> until);

  GitHubClient& github_;
  const Clock& clock_;
  const Subscription& subscription_;
  Delivery& delivery_;
  const bool is_wanted_;
  ChangedPulls changed_pulls_;

  // Of this round.
  std::string repo_url_;
  Priority priority_ = Priority::kHistory;
  // What the issues listing has shown: all reviews up to then are read.
  std::optional<absl::Time> until_;
  absl::Status failure_;
  int failures_ = 0;

  uint32_t pages_done_ = 0;
  // Rounds of the history that lacked a few pull requests.
  int partial_rounds_ = 0;
  // Found, but not delivered before all have been found.
  std::vector<Item> found_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_REVIEW_FEED_H_
