// A thread for each connection of a port, as many as it allows. One more takes
// the place of the oldest that is still waited for: slow clients lose their
// connections then, and those that send their requests at once are served.

#ifndef MENTIOND_SERVER_CONNECTION_THREADS_H_
#define MENTIOND_SERVER_CONNECTION_THREADS_H_

#include <cstddef>
#include <functional>
#include <list>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "server/bounded_stream.h"

namespace mentiond {

class ConnectionThreads {
 public:
  // Serves a connection, which is closed when it returns. Called on a
  // connection's own thread.
  using Serve = std::function<void(BoundedStream&)>;

  ConnectionThreads(const HttpLimits& limits, Serve serve);
  // Closes connections, after what is being answered now.
  ~ConnectionThreads();
  ConnectionThreads(const ConnectionThreads&) = delete;
  ConnectionThreads& operator=(const ConnectionThreads&) = delete;

  // Takes a socket. Closes it at once if there are too many and all are being
  // answered. One thread only.
  void Add(int socket, size_t max_bytes);

 private:
  // Whether there may be one more.
  bool MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsEmpty() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const HttpLimits limits_;
  const Serve serve_;
  absl::Mutex mutex_;
  // The oldest first.
  std::list<BoundedStream> streams_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_CONNECTION_THREADS_H_
