// Time as the rooms above see it: what it is now, and waiting until it is
// later. An interface, so that tests decide how time passes.

#ifndef MENTIOND_LIB_BASE_CLOCK_H_
#define MENTIOND_LIB_BASE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

namespace mentiond {

class Clock {
 public:
  virtual ~Clock() = default;

  // Any thread.
  virtual absl::Time Now() const = 0;

  // Waits until Now() has reached `deadline`, or until the awaiting coroutine
  // is cancelled, whichever is first: look at the coroutine's cancellation
  // state to tell. Loop thread only.
  virtual asio::awaitable<void> SleepUntil(absl::Time deadline) = 0;
};

// The system's wall clock for Now(), its monotonic clock for the waiting.
class RealClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  asio::awaitable<void> SleepUntil(absl::Time deadline) override;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_CLOCK_H_
