// Everything that leaves a stream passes through here: the only sender of its
// events, and the only writer of its progress, so that each event carries the
// resume token of exactly the moment after it.

#ifndef MENTIOND_LIB_SYNC_OUTBOX_H_
#define MENTIOND_LIB_SYNC_OUTBOX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/clock.h"
#include "lib/github/types.h"
#include "lib/metrics/metrics.h"
#include "lib/subscription/event_queue.h"
#include "lib/subscription/progress.h"
#include "lib/subscription/subscription.h"

namespace mentiond {

// Loop thread only. Errors of all coroutines are as EventQueue::Push.
class Outbox {
 public:
  // It continues from `progress`, and is the only one to change it. All outlive
  // it.
  Outbox(const Subscription& subscription, Progress& progress,
         EventQueue& queue, const Clock& clock, Metrics& metrics);
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  const Progress& progress() const { return progress_; }

  // Whether the item is to be delivered: it is of a source subscribed to, is a
  // version not delivered yet, and mentions the user.
  asio::awaitable<absl::StatusOr<bool>> IsNewMention(const Item& item);

  // Whether any mention has been delivered, on this stream or before it was
  // resumed.
  bool HasDelivered() const;

  // Delivers the new mentions on a page of comments, whose listing has then
  // been read up to the page's last update.
  asio::awaitable<absl::Status> OfferPage(Listing listing, const Page& page);

  // Delivers mentions, which may repeat, in the order of their last change.
  // `settled`: no other mentions of their feeds changed before that are still
  // to come; nullopt: nothing is known of that.
  asio::awaitable<absl::Status> OfferSorted(std::vector<Item> mentions,
                                            std::optional<absl::Time> settled);

  // `pages_total` 0: not known.
  asio::awaitable<absl::Status> ShowProgress(uint32_t pages_done,
                                             uint32_t pages_total);

  // Sends any other event.
  asio::awaitable<absl::Status> Send(EventQueue::Event event);

  // Sends an event if none is queued or being sent; otherwise drops it.
  void SendIfIdle(EventQueue::Event event);

  // How many mentions have been sent: are in the queue, or were read from it.
  int64_t mentions() const { return mentions_; }

  // While muted, what is offered counts as delivered without being sent.
  void SetMuted(bool muted) { muted_ = muted; }

  // The listing has been read up to `time`. Never moves back. The floor of the
  // listing's feed, if it has one, follows.
  void SetHighWaterMark(Listing listing, absl::Time time);
  // Everything that is read per pull request and was changed before `time` has
  // been dealt with.
  void RaisePullFloors(absl::Time time);

  void BeginFullRead(absl::Time now);
  // It has read what the issues listing shows up to `mark`; `keys` have to be
  // read again after an interruption. Where there are too many of these, the
  // progress stays where it was.
  void AdvanceFullRead(absl::Time mark, const absl::btree_set<PullKey>& keys);
  void RestartFullRead();
  // The floors are raised to `settled`, if there is one.
  void FinishFullRead(std::optional<absl::Time> settled);
  // No full read is needed: what it would read is known to be delivered.
  void SkipFullRead(absl::Time now);

  void SetPending(const absl::btree_set<PullKey>& keys);
  void SetWithoutGraphQl(bool without_graphql);
  void SetHistory(History history);
  void SetSynced();

 private:
  // `item` outlives the call. `received_at`: when GitHub's response with it
  // came; nullopt: some time ago.
  asio::awaitable<absl::Status> SendMention(
      const Item& item, std::optional<absl::Time> received_at);
  // Of progress_.
  const std::string& ResumeToken();
  // It has just been sent.
  void CountMention(const Item& item, std::optional<absl::Time> received_at);
  // For every change of progress_.
  Progress& Edit() {
    token_.clear();
    return progress_;
  }

  const Subscription& subscription_;
  EventQueue& queue_;
  const Clock& clock_;
  Metrics& metrics_;
  const uint64_t subscription_hash_;
  Progress& progress_;
  std::string token_;  // of progress_; empty: to be encoded
  int64_t mentions_ = 0;
  bool muted_ = false;
  // An event is not in the queue yet, but the progress is that after it.
  bool sending_ = false;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_SYNC_OUTBOX_H_
