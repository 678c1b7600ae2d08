// Detects when the program should shut down: on a signal, or when its output is
// no longer read.
//
// A dedicated thread reads signals from a file descriptor, so that the code
// that reacts to them is not restricted to what signal handlers may do.

#ifndef MENTIOND_CLIENT_TERMINAL_SHUTDOWN_WATCHER_H_
#define MENTIOND_CLIENT_TERMINAL_SHUTDOWN_WATCHER_H_

#include <functional>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mentiond::terminal {

// A flag that poll(2) can wait for.
class StopFlag {
 public:
  StopFlag();
  StopFlag(const StopFlag&) = delete;
  StopFlag& operator=(const StopFlag&) = delete;
  ~StopFlag();

  // Thread-safe. The flag cannot be cleared.
  void Set();

  // Readable once the flag is set. Negative if the process has run out of file
  // descriptors.
  int fd() const { return fd_; }

 private:
  int fd_;
};

class ShutdownWatcher {
 public:
  // Blocks SIGINT, SIGTERM and SIGHUP in the calling thread and the threads it
  // starts, and ignores SIGPIPE. Call it before starting other threads.
  static void BlockSignals();

  // Calls `on_shutdown` once, on the watcher's thread, as soon as one of these
  // signals arrives or, if `output` is a pipe or a socket, its reader closes
  // it. A further signal terminates the process immediately, with the default
  // action of that signal; `before_exit` is called first and must not block.
  static absl::StatusOr<std::unique_ptr<ShutdownWatcher>> Start(
      int output, std::function<void()> on_shutdown,
      std::function<void()> before_exit);

  ShutdownWatcher(const ShutdownWatcher&) = delete;
  ShutdownWatcher& operator=(const ShutdownWatcher&) = delete;

  // Joins the thread; neither callback runs afterwards.
  ~ShutdownWatcher();

 private:
  ShutdownWatcher(int signals, int output, std::function<void()> on_shutdown,
                  std::function<void()> before_exit);

  void Watch();

  const int signals_;
  const int output_;
  const std::function<void()> on_shutdown_;
  const std::function<void()> before_exit_;
  StopFlag stop_;
  // Declared last: the thread uses the other members.
  std::thread thread_;
};

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_SHUTDOWN_WATCHER_H_
