// The current time, and waiting for a later one. An interface, so that tests
// control how time passes.

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
  // is cancelled, whichever is first; the coroutine's cancellation state
  // tells which. Loop thread only.
  virtual asio::awaitable<void> SleepUntil(absl::Time deadline) = 0;
};

// The system's wall clock for Now(), its monotonic clock for waiting.
class RealClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  asio::awaitable<void> SleepUntil(absl::Time deadline) override;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_CLOCK_H_
