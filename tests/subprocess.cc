#include "tests/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace mentiond {
namespace {

// Debian 12's <sys/pidfd.h> declares pidfd_open() without extern "C", so that
// C++ cannot link it; hence the system call itself.
int OpenPidfd(pid_t pid) {
  return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}

void CloseFd(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

int PollTimeout(absl::Time deadline) {
  const absl::Duration left = deadline - absl::Now();
  if (left <= absl::ZeroDuration()) return 0;
  // Rounded up, so that a poll that times out is really late.
  return static_cast<int>(std::min<int64_t>(absl::ToInt64Milliseconds(left) + 1,
                                            std::numeric_limits<int>::max()));
}

std::vector<std::string> Environment(
    const std::map<std::string, std::string>& env) {
  std::vector<std::string> all;
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    const char* value = std::getenv(name);
    if (value != nullptr) all.push_back(absl::StrCat(name, "=", value));
  }
  for (const auto& [name, value] : env) {
    all.push_back(absl::StrCat(name, "=", value));
  }
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Child {
  pid_t pid;
  int pidfd;
};

// What is to be done in the child before the program begins.
struct SpawnPlan {
  SpawnPlan() { posix_spawn_file_actions_init(&files); }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() { posix_spawn_file_actions_destroy(&files); }

  absl::StatusOr<Child> Spawn(
      const std::vector<std::string>& args,
      const std::map<std::string, std::string>& env) const {
    if (args.empty()) return absl::InvalidArgumentError("no program to start");
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, flags);
    std::vector<std::string> argv = args;
    std::vector<std::string> envp = Environment(env);
    Child child = {-1, -1};
    int error = posix_spawn(&child.pid, argv[0].c_str(), &files, &attributes,
                            Pointers(argv).data(), Pointers(envp).data());
    posix_spawnattr_destroy(&attributes);
    if (error == 0) {
      child.pidfd = OpenPidfd(child.pid);
      if (child.pidfd >= 0) return child;
      error = errno;
      kill(child.pid, SIGKILL);
      waitpid(child.pid, nullptr, 0);
    }
    return absl::ErrnoToStatus(error, absl::StrCat("cannot start ", args[0]));
  }

  posix_spawn_file_actions_t files;
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Subprocess>> Subprocess::Start(
    const std::vector<std::string>& args,
    const std::map<std::string, std::string>& env) {
  std::array<int, 2> out = {-1, -1};
  std::array<int, 2> err = {-1, -1};
  if (pipe2(out.data(), O_CLOEXEC) != 0) {
    return absl::ErrnoToStatus(errno, "pipe2");
  }
  if (pipe2(err.data(), O_CLOEXEC) != 0) {
    const int error = errno;
    CloseFd(out[0]);
    CloseFd(out[1]);
    return absl::ErrnoToStatus(error, "pipe2");
  }
  // A program must not come to a stop over its log because the test looks
  // elsewhere; where the system allows less, it is read sooner or later.
  constexpr int kLogBytes = 1 << 20;
  fcntl(err[1], F_SETPIPE_SZ, kLogBytes);
  SpawnPlan plan;
  // At its end rather than closed: a closed descriptor 0 would be handed out
  // again for the next file that the program opens.
  posix_spawn_file_actions_addopen(&plan.files, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&plan.files, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&plan.files, err[1], STDERR_FILENO);
  const absl::StatusOr<Child> child = plan.Spawn(args, env);
  CloseFd(out[1]);
  CloseFd(err[1]);
  if (!child.ok()) {
    CloseFd(out[0]);
    CloseFd(err[0]);
    return child.status();
  }
  return std::unique_ptr<Subprocess>(
      new Subprocess(child->pid, child->pidfd, out[0], err[0]));
}

absl::StatusOr<std::unique_ptr<Subprocess>> Subprocess::StartOnTerminal(
    const std::vector<std::string>& args,
    const std::map<std::string, std::string>& env, int columns) {
  int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return absl::ErrnoToStatus(errno, "posix_openpt");
  std::array<char, 64> name = {};
  winsize size = {};
  size.ws_row = 40;
  size.ws_col = static_cast<unsigned short>(columns);
  if (grantpt(terminal) != 0 || unlockpt(terminal) != 0 ||
      ptsname_r(terminal, name.data(), name.size()) != 0 ||
      ioctl(terminal, TIOCSWINSZ, &size) != 0) {
    const int error = errno;
    CloseFd(terminal);
    return absl::ErrnoToStatus(error, "cannot set up a terminal");
  }
  SpawnPlan plan;
  // The first terminal that a session's leader opens becomes the session's.
  plan.flags |= POSIX_SPAWN_SETSID;
  posix_spawn_file_actions_addopen(&plan.files, STDIN_FILENO, name.data(),
                                   O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&plan.files, STDIN_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&plan.files, STDIN_FILENO, STDERR_FILENO);
  const absl::StatusOr<Child> child = plan.Spawn(args, env);
  if (!child.ok()) {
    CloseFd(terminal);
    return child.status();
  }
  return std::unique_ptr<Subprocess>(
      new Subprocess(child->pid, child->pidfd, terminal, -1));
}

Subprocess::Subprocess(pid_t pid, int pidfd, int out_fd, int err_fd)
    : pid_(pid), pidfd_(pidfd) {
  out_.fd = out_fd;
  err_.fd = err_fd;
}

Subprocess::~Subprocess() {
  if (!reaped_) {
    kill(pid_, SIGKILL);
    int ignored = 0;
    while (waitpid(pid_, &ignored, 0) < 0 && errno == EINTR) {
    }
  }
  CloseFd(pidfd_);
  CloseFd(out_.fd);
  CloseFd(err_.fd);
}

absl::Status Subprocess::Pump(bool until_exit, absl::Time deadline) {
  std::array<pollfd, 3> polled = {{
      // poll(2) skips negative descriptors.
      {.fd = out_.fd, .events = POLLIN, .revents = 0},
      {.fd = err_.fd, .events = POLLIN, .revents = 0},
      {.fd = until_exit ? pidfd_ : -1, .events = POLLIN, .revents = 0},
  }};
  const int ready = poll(polled.data(), polled.size(), PollTimeout(deadline));
  if (ready == 0) return absl::DeadlineExceededError("nothing came in time");
  if (ready < 0) {
    if (errno == EINTR) return absl::OkStatus();
    return absl::ErrnoToStatus(errno, "poll");
  }
  for (Output* from : {&out_, &err_}) {
    const pollfd& state = from == &out_ ? polled[0] : polled[1];
    if (state.revents == 0) continue;
    std::array<char, 16384> buffer;
    const ssize_t got = read(from->fd, buffer.data(), buffer.size());
    if (got > 0) {
      from->unread.append(buffer.data(), static_cast<size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      CloseFd(from->fd);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Subprocess::ReadLine(Stream stream,
                                                 absl::Time deadline) {
  Output& from = output(stream);
  while (true) {
    const size_t end = from.unread.find('\n');
    if (end != std::string::npos) {
      std::string line = from.unread.substr(0, end);
      from.unread.erase(0, end + 1);
      return line;
    }
    if (from.fd < 0) {
      if (from.unread.empty()) return absl::OutOfRangeError("end of output");
      return std::exchange(from.unread, {});
    }
    const absl::Status status = Pump(/*until_exit=*/false, deadline);
    if (!status.ok()) return status;
  }
}

absl::StatusOr<std::string> Subprocess::WaitForLine(
    Stream stream, const std::function<bool(std::string_view)>& wanted,
    absl::Time deadline) {
  std::string seen;
  while (true) {
    absl::StatusOr<std::string> line = ReadLine(stream, deadline);
    if (!line.ok()) {
      return absl::Status(
          line.status().code(),
          absl::StrCat(line.status().message(), "; lines until then:\n", seen));
    }
    if (wanted(*line)) return line;
    absl::StrAppend(&seen, *line, "\n");
  }
}

absl::StatusOr<std::string> Subprocess::WaitForText(Stream stream,
                                                    std::string_view text,
                                                    absl::Time deadline) {
  Output& from = output(stream);
  while (true) {
    const size_t at = from.unread.find(text);
    if (at != std::string::npos) {
      std::string read = from.unread.substr(0, at + text.size());
      from.unread.erase(0, read.size());
      return read;
    }
    absl::Status status = from.fd < 0 ? absl::OutOfRangeError("end of output")
                                      : Pump(/*until_exit=*/false, deadline);
    if (!status.ok()) {
      return absl::Status(
          status.code(),
          absl::StrCat(status.message(), "; until then:\n", from.unread));
    }
  }
}

absl::StatusOr<std::string> Subprocess::ReadAll(Stream stream,
                                                absl::Time deadline) {
  Output& from = output(stream);
  while (from.fd >= 0) {
    const absl::Status status = Pump(/*until_exit=*/false, deadline);
    if (!status.ok()) return status;
  }
  return std::exchange(from.unread, {});
}

void Subprocess::ReadAhead() {
  while ((out_.fd >= 0 || err_.fd >= 0) &&
         Pump(/*until_exit=*/false, absl::InfinitePast()).ok()) {
  }
}

void Subprocess::Close(Stream stream) { CloseFd(output(stream).fd); }

absl::Status Subprocess::Type(std::string_view keys) {
  while (!keys.empty()) {
    const ssize_t typed = write(out_.fd, keys.data(), keys.size());
    if (typed < 0) return absl::ErrnoToStatus(errno, "cannot type");
    keys.remove_prefix(static_cast<size_t>(typed));
  }
  return absl::OkStatus();
}

absl::Status Subprocess::Signal(int signal) {
  if (reaped_) return absl::NotFoundError("the program has ended");
  if (kill(pid_, signal) != 0) return absl::ErrnoToStatus(errno, "kill");
  return absl::OkStatus();
}

absl::StatusOr<ExitStatus> Subprocess::Wait(absl::Time deadline) {
  while (!reaped_) {
    int status = 0;
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended < 0 && errno != EINTR) {
      return absl::ErrnoToStatus(errno, "waitpid");
    }
    if (ended == pid_) {
      reaped_ = true;
      if (WIFEXITED(status)) exit_.code = WEXITSTATUS(status);
      if (WIFSIGNALED(status)) exit_.signal = WTERMSIG(status);
      break;
    }
    const absl::Status pumped = Pump(/*until_exit=*/true, deadline);
    if (!pumped.ok()) return pumped;
  }
  return exit_;
}

}  // namespace mentiond
