#include "client/end_watcher.h"

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

namespace mentiond {
namespace {

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    sigaddset(&signals, signal);
  }
  return signals;
}

bool IsPipeOrSocket(int fd) {
  struct stat about = {};
  if (fstat(fd, &about) != 0) return false;
  return S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode);
}

[[noreturn]] void DieOf(int signal) {
  ::signal(signal, SIG_DFL);
  kill(getpid(), signal);
  const sigset_t signals = EndSignals();
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
  // Fails only when it has been set 2^64 - 2 times before.
  [[maybe_unused]] const ssize_t wrote = write(fd_, &one, sizeof(one));
}

void EndWatcher::TakeSignals() {
  const sigset_t signals = EndSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

absl::StatusOr<std::unique_ptr<EndWatcher>> EndWatcher::Start(
    int output, std::function<void()> on_end,
    std::function<void()> before_death) {
  const sigset_t signals = EndSignals();
  const int fd = signalfd(-1, &signals, SFD_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, "signalfd");
  return std::unique_ptr<EndWatcher>(
      new EndWatcher(fd, output, std::move(on_end), std::move(before_death)));
}

EndWatcher::EndWatcher(int signals, int output, std::function<void()> on_end,
                       std::function<void()> before_death)
    : signals_(signals),
      output_(IsPipeOrSocket(output) ? output : -1),
      on_end_(std::move(on_end)),
      before_death_(std::move(before_death)),
      thread_([this] { Watch(); }) {}

EndWatcher::~EndWatcher() {
  stop_.Set();
  thread_.join();
  close(signals_);
}

void EndWatcher::Watch() {
  bool ended = false;
  std::array<pollfd, 3> polled = {{
      {.fd = stop_.fd(), .events = POLLIN, .revents = 0},
      {.fd = signals_, .events = POLLIN, .revents = 0},
      // Asks for nothing: a lost reader is always reported.
      {.fd = output_, .events = 0, .revents = 0},
  }};
  while (true) {
    if (poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled[0].revents != 0) return;
    if (polled[1].revents != 0) {
      signalfd_siginfo info = {};
      if (read(signals_, &info, sizeof(info)) != sizeof(info)) continue;
      if (ended) {
        before_death_();
        DieOf(static_cast<int>(info.ssi_signo));
      }
    }
    // Once is enough, also for a reader that stays lost.
    polled[2].fd = -1;
    if (!std::exchange(ended, true)) on_end_();
  }
}

}  // namespace mentiond
