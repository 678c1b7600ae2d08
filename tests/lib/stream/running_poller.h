// A poller at work in a test: a group of one.

#ifndef MENTIOND_TESTS_LIB_STREAM_RUNNING_POLLER_H_
#define MENTIOND_TESTS_LIB_STREAM_RUNNING_POLLER_H_

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"

#include "lib/stream/poller_group.h"

namespace mentiond {

// Stopped, and the loop run, before it is destroyed.
class RunningPoller {
 public:
  static constexpr StreamId kId = {.high = 1, .low = 1};

  // The loop's next run starts it.
  RunningPoller(const asio::any_io_executor& executor,
                const PollerEnvironment& environment, Subscription subscription,
                std::shared_ptr<EventQueue> queue)
      : group_(executor, environment, absl::InfiniteDuration(),
               [this](const StreamView& view) { ended_ = view.status; }) {
    group_.Start(kId, std::move(subscription), std::move(queue));
  }

  // The loop's next run ends it.
  void Stop() {
    group_.Close(absl::CancelledError("the test stopped it"), absl::Seconds(1),
                 [] {});
  }

  // The status with which it has ended, if it has.
  const std::optional<absl::Status>& ended() const { return ended_; }

 private:
  std::optional<absl::Status> ended_;
  PollerGroup group_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_STREAM_RUNNING_POLLER_H_
