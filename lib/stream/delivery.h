// What a stream delivers and has delivered: events go into its queue, each with
// the token that a stream goes on with right after it.

#ifndef MENTIOND_LIB_STREAM_DELIVERY_H_
#define MENTIOND_LIB_STREAM_DELIVERY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "asio/awaitable.hpp"

#include "lib/github/types.h"
#include "lib/stream/event_queue.h"
#include "lib/stream/resume_point.h"
#include "lib/stream/subscription.h"

namespace mentiond {

// Loop thread only. What is passed by reference outlives it.
class Delivery {
 public:
  Delivery(const Subscription& subscription, ResumePoint from,
           EventQueue& queue);
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // Where a stream goes on that breaks off now.
  ResumePoint& point() { return point_; }
  Cursor& cursor() { return point_.cursor; }

  // Whether it is of a source wanted and mentions the user. CANCELLED when it
  // had to look closely and the stream was cancelled meanwhile.
  asio::awaitable<absl::StatusOr<bool>> Mentions(const Item& item);

  // Puts an event with its resume token into the queue, as soon as there is
  // room. Errors as EventQueue::Push.
  asio::awaitable<absl::Status> Send(EventQueue::Event event);

 private:
  const std::string& ResumeToken();

  const Subscription& subscription_;
  EventQueue& queue_;
  const uint64_t subscription_hash_;
  ResumePoint point_;

  std::string token_;
  std::optional<uint64_t> token_revision_;  // of what token_ was made
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_DELIVERY_H_
