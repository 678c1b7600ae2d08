// Whether the server is alive, and whether it takes streams: for probes.

#ifndef MENTIOND_SERVER_HEALTH_H_
#define MENTIOND_SERVER_HEALTH_H_

#include <atomic>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"

#include "lib/base/clock.h"

namespace mentiond {

// Thread-safe.
class Health {
 public:
  // `clock` outlives it, and the loops end before the clock does.
  Health(const Clock& clock, std::vector<asio::any_io_executor> loops);

  // Whether new streams are accepted: not before the server listens, nor while
  // it drains. It does not depend on GitHub, which delays streams only.
  bool ready() const { return ready_; }
  void SetReady(bool ready) { ready_ = ready; }

  // Whether every event loop has turned within kPatience of an earlier call:
  // each call has the loops prove it to later ones. The first one is true.
  bool IsLive();
  static constexpr absl::Duration kPatience = absl::Seconds(30);

 private:
  // Outlives this, with what is posted to the loop.
  struct Loop {
    asio::any_io_executor executor;
    absl::Mutex mutex;
    // When it was given something to do that it has not done yet;
    // absl::InfiniteFuture(): nothing.
    absl::Time waiting_since ABSL_GUARDED_BY(mutex) = absl::InfiniteFuture();
  };

  const Clock& clock_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::atomic<bool> ready_ = false;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_HEALTH_H_
