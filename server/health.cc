#include "server/health.h"

#include <utility>

#include "asio/post.hpp"

namespace mentiond {

Health::Health(const Clock& clock, std::vector<asio::any_io_executor> loops)
    : clock_(clock) {
  for (asio::any_io_executor& executor : loops) {
    loops_.push_back(std::make_shared<Loop>());
    loops_.back()->executor = std::move(executor);
  }
}

bool Health::IsLive() {
  const absl::Time now = clock_.Now();
  bool live = true;
  for (const std::shared_ptr<Loop>& loop : loops_) {
    absl::MutexLock lock(&loop->mutex);
    if (loop->waiting_since != absl::InfiniteFuture()) {
      live = live && now - loop->waiting_since < kPatience;
      continue;
    }
    loop->waiting_since = now;
    asio::post(loop->executor, [loop] {
      absl::MutexLock turned(&loop->mutex);
      loop->waiting_since = absl::InfiniteFuture();
    });
  }
  return live;
}

}  // namespace mentiond
