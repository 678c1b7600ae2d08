// Notices when the program should end: by a signal, or because nobody reads its
// output any more.
//
// Signals are read from a descriptor by a thread of its own, so that what they
// cause is ordinary code and not a signal handler's.

#ifndef MENTIOND_CLIENT_END_WATCHER_H_
#define MENTIOND_CLIENT_END_WATCHER_H_

#include <functional>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mentiond {

// A flag that poll(2) can wait for.
class StopFlag {
 public:
  StopFlag();
  StopFlag(const StopFlag&) = delete;
  StopFlag& operator=(const StopFlag&) = delete;
  ~StopFlag();

  // Thread-safe; it stays set.
  void Set();

  // Readable once it is set; negative when there are no descriptors left.
  int fd() const { return fd_; }

 private:
  int fd_;
};

class EndWatcher {
 public:
  // Blocks SIGINT, SIGTERM and SIGHUP in this thread and those it will start,
  // and ignores SIGPIPE. To be called before there are other threads.
  static void TakeSignals();

  // Calls `on_end` once, on a thread of its own, at the first of: one of those
  // signals; `output` losing its reader, where that is a pipe or a socket. A
  // signal after that ends the process at once, as it would have without us;
  // `before_death` is called then, and must not wait for anything.
  static absl::StatusOr<std::unique_ptr<EndWatcher>> Start(
      int output, std::function<void()> on_end,
      std::function<void()> before_death);

  EndWatcher(const EndWatcher&) = delete;
  EndWatcher& operator=(const EndWatcher&) = delete;

  // Joins the thread; neither function runs afterwards.
  ~EndWatcher();

 private:
  EndWatcher(int signals, int output, std::function<void()> on_end,
             std::function<void()> before_death);

  void Watch();

  const int signals_;
  const int output_;
  const std::function<void()> on_end_;
  const std::function<void()> before_death_;
  StopFlag stop_;
  // The last member: it uses the others.
  std::thread thread_;
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_END_WATCHER_H_
