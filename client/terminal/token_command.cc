#include "client/terminal/token_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace mentiond::terminal {
namespace {

// Tokens are a few hundred bytes at most.
constexpr size_t kMaxBytes = 16 << 10;

// Starts the shell with its standard output at `out`. 0 or an errno.
int Spawn(const std::string& command, int out, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  // This program blocks the signals that end it, and ignores SIGPIPE; the
  // command must not inherit that.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  std::string shell = "/bin/sh";
  std::string flag = "-c";
  std::string line = command;
  const std::array<char*, 4> argv = {shell.data(), flag.data(), line.data(),
                                     nullptr};
  const int error = posix_spawn(&pid, shell.c_str(), &actions, &attributes,
                                argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Waits until `fd` is readable. Errors: as RunTokenCommand().
absl::Status Await(int fd, int stop_fd, absl::Time deadline) {
  while (true) {
    std::array<pollfd, 2> polled = {{
        {.fd = fd, .events = POLLIN, .revents = 0},
        {.fd = stop_fd, .events = POLLIN, .revents = 0},
    }};
    const absl::Duration left =
        std::max(deadline - absl::Now(), absl::ZeroDuration());
    const int ready = poll(polled.data(), polled.size(),
                           static_cast<int>(absl::ToInt64Milliseconds(
                               absl::Ceil(left, absl::Milliseconds(1)))));
    if (ready < 0 && errno == EINTR) continue;
    if (polled[1].revents != 0) {
      return absl::CancelledError("stopped while the token command ran");
    }
    if (ready > 0) return absl::OkStatus();
    return absl::DeadlineExceededError("the token command did not end in time");
  }
}

// Appends to `output` until the end or the limit.
absl::Status ReadAll(int fd, int stop_fd, absl::Time deadline,
                     std::string& output) {
  std::array<char, 1024> buffer;
  while (output.size() < kMaxBytes) {
    if (absl::Status status = Await(fd, stop_fd, deadline); !status.ok()) {
      return status;
    }
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return absl::OkStatus();
    output.append(buffer.data(), static_cast<size_t>(got));
  }
  return absl::FailedPreconditionError(
      "the token command printed far more than a token");
}

int WaitFor(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

absl::StatusOr<std::string> RunTokenCommand(const std::string& command,
                                            int stop_fd,
                                            absl::Duration timeout) {
  std::array<int, 2> pipe_fds;
  if (pipe2(pipe_fds.data(), O_CLOEXEC) != 0) {
    return absl::ErrnoToStatus(errno, "cannot run the token command");
  }
  const auto close_read = absl::MakeCleanup([&] { close(pipe_fds[0]); });
  pid_t pid = 0;
  const int error = Spawn(command, pipe_fds[1], pid);
  close(pipe_fds[1]);
  if (error != 0) {
    return absl::ErrnoToStatus(error, "cannot run the token command");
  }
  const absl::Time deadline = absl::Now() + timeout;
  std::string output;
  absl::Status done = ReadAll(pipe_fds[0], stop_fd, deadline, output);
  if (done.ok()) {
    // It may have closed its output and still run.
    const auto process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (process >= 0) {
      done = Await(process, stop_fd, deadline);
      close(process);
    }
  }
  if (!done.ok()) kill(pid, SIGKILL);
  const int status = WaitFor(pid);
  if (!done.ok()) return done;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::FailedPreconditionError(
        WIFEXITED(status)
            ? absl::StrCat("the token command failed with exit code ",
                           WEXITSTATUS(status))
            : absl::StrCat("the token command was ended by signal ",
                           WTERMSIG(status)));
  }
  absl::StripAsciiWhitespace(&output);
  if (output.empty()) {
    return absl::FailedPreconditionError("the token command printed nothing");
  }
  return output;
}

}  // namespace mentiond::terminal
