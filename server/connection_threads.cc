#include "server/connection_threads.h"

#include <system_error>
#include <thread>
#include <utility>

#include "absl/time/time.h"
#include "glog/logging.h"

namespace mentiond {

ConnectionThreads::ConnectionThreads(const HttpLimits& limits, Serve serve)
    : limits_(limits), serve_(std::move(serve)) {}

ConnectionThreads::~ConnectionThreads() {
  constexpr absl::Duration kAgain = absl::Milliseconds(10);
  absl::MutexLock lock(&mutex_);
  do {
    // Also those that wait for their clients only now.
    for (BoundedStream& stream : streams_) stream.GiveUp();
  } while (!mutex_.AwaitWithTimeout(
      absl::Condition(this, &ConnectionThreads::IsEmpty), kAgain));
}

void ConnectionThreads::Add(int socket, size_t max_bytes) {
  // Closed outside of the lock.
  std::list<BoundedStream> added;
  added.emplace_back(socket, limits_, max_bytes);
  absl::MutexLock lock(&mutex_);
  if (!MakeRoom()) return;
  const auto stream = added.begin();
  try {
    std::thread([this, stream] {
      serve_(*stream);
      std::list<BoundedStream> ended;
      absl::MutexLock ending(&mutex_);
      ended.splice(ended.end(), streams_, stream);
    }).detach();
  } catch (const std::system_error& error) {
    LOG_EVERY_N(ERROR, 100)
        << "no thread for an HTTP connection (the first, or "
           "one in a hundred): "
        << error.what();
    return;
  }
  streams_.splice(streams_.end(), added);
}

bool ConnectionThreads::MakeRoom() {
  if (HasRoom()) return true;
  for (BoundedStream& stream : streams_) {
    if (!stream.GiveUp()) continue;
    // At once: it reads and writes no more.
    mutex_.Await(absl::Condition(this, &ConnectionThreads::HasRoom));
    return true;
  }
  return false;
}

bool ConnectionThreads::HasRoom() const {
  return streams_.size() < limits_.connections;
}

bool ConnectionThreads::IsEmpty() const { return streams_.empty(); }

}  // namespace mentiond
