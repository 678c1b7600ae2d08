#include "client/terminal/shutdown_watcher.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace mentiond::terminal {
namespace {

sigset_t ShutdownSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    sigaddset(&signals, signal);
  }
  return signals;
}

bool IsPipeOrSocket(int fd) {
  struct stat info = {};
  if (fstat(fd, &info) != 0) return false;
  return S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode);
}

[[noreturn]] void ExitBySignal(int signal) {
  ::signal(signal, SIG_DFL);
  kill(getpid(), signal);
  const sigset_t signals = ShutdownSignals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  _exit(128 + signal);
}

}  // namespace

StopFlag::StopFlag() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

StopFlag::~StopFlag() {
  if (fd_ >= 0) close(fd_);
}

void StopFlag::Set() {
  const uint64_t one = 1;
  // Fails only if the flag has already been set 2^64 - 2 times.
  [[maybe_unused]] const ssize_t wrote = write(fd_, &one, sizeof(one));
}

void ShutdownWatcher::BlockSignals() {
  const sigset_t signals = ShutdownSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

absl::StatusOr<std::unique_ptr<ShutdownWatcher>> ShutdownWatcher::Start(
    int output, std::function<void()> on_shutdown,
    std::function<void()> before_exit) {
  const sigset_t signals = ShutdownSignals();
  const int fd = signalfd(-1, &signals, SFD_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, "signalfd");
  return std::unique_ptr<ShutdownWatcher>(new ShutdownWatcher(
      fd, output, std::move(on_shutdown), std::move(before_exit)));
}

ShutdownWatcher::ShutdownWatcher(int signals, int output,
                                 std::function<void()> on_shutdown,
                                 std::function<void()> before_exit)
    : signals_(signals),
      output_(IsPipeOrSocket(output) ? output : -1),
      on_shutdown_(std::move(on_shutdown)),
      before_exit_(std::move(before_exit)),
      thread_([this] { Watch(); }) {}

ShutdownWatcher::~ShutdownWatcher() {
  stop_.Set();
  thread_.join();
  close(signals_);
}

void ShutdownWatcher::Watch() {
  bool ended = false;
  std::array<pollfd, 3> polled = {{
      {.fd = stop_.fd(), .events = POLLIN, .revents = 0},
      {.fd = signals_, .events = POLLIN, .revents = 0},
      // No events requested: POLLERR and POLLHUP are always reported.
      {.fd = output_, .events = 0, .revents = 0},
  }};
  while (true) {
    if (poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled[0].revents != 0) return;
    if (polled[1].revents != 0) {
      signalfd_siginfo info = {};
      if (read(signals_, &info, sizeof(info)) != sizeof(info)) continue;
      if (ended) {
        before_exit_();
        ExitBySignal(static_cast<int>(info.ssi_signo));
      }
    }
    // A closed output would be reported again and again.
    polled[2].fd = -1;
    if (!std::exchange(ended, true)) on_shutdown_();
  }
}

}  // namespace mentiond::terminal
