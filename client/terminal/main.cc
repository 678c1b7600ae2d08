// mentions: prints the events that a mentiond server streams.

#include <google/protobuf/stubs/logging.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <optional>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "client/internal/loopback.h"
#include "client/subscription_set.h"
#include "client/terminal/console.h"
#include "client/terminal/options.h"
#include "client/terminal/printable.h"
#include "client/terminal/printer.h"
#include "client/terminal/printing_listener.h"
#include "client/terminal/resume_file.h"
#include "client/terminal/shutdown_watcher.h"
#include "client/terminal/sink.h"
#include "client/terminal/ticker.h"
#include "client/terminal/tls.h"
#include "client/terminal/token_command.h"
#include "lib/base/proto_time.h"

namespace mentiond::terminal {
namespace {

constexpr int kExitOk = 0;
constexpr int kExitFailed = 1;
constexpr int kDefaultWidth = 100;

std::optional<std::string> FromEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

int TerminalWidth() {
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    winsize size = {};
    if (isatty(fd) != 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 &&
        size.ws_col > 0) {
      return size.ws_col;
    }
  }
  return kDefaultWidth;
}

// Whether a status line can be redrawn in place on standard error. Not if
// standard output is a pipe: its reader may print to the same terminal, in the
// middle of that line.
bool CanRedraw(const Options& options) {
  struct stat out = {};
  const bool pipe = fstat(STDOUT_FILENO, &out) == 0 &&
                    (S_ISFIFO(out.st_mode) || S_ISSOCK(out.st_mode));
  return isatty(STDERR_FILENO) != 0 && !options.dumb_terminal && !pipe;
}

::mentions::v1::SubscribeRequest Request(const Options& options, size_t repo,
                                         const std::string& resume_token) {
  ::mentions::v1::SubscribeRequest request;
  request.set_repo(options.repos[repo]);
  request.set_user(options.user);
  request.set_token(options.token);
  request.set_resume_token(resume_token);
  if (options.since) *request.mutable_since() = ToProto(*options.since);
  for (const ::mentions::v1::Source source : options.sources) {
    request.add_sources(source);
  }
  request.set_history(options.history);
  request.set_skip_self(options.skip_self);
  request.set_skip_bots(options.skip_bots);
  for (const std::string& author : options.skip_authors) {
    request.add_skip_authors(author);
  }
  return request;
}

client::TokenSource TokenSourceOf(const Options& options, int stop_fd) {
  if (options.token_command.empty()) return nullptr;
  return [command = options.token_command, stop_fd] {
    return RunTokenCommand(command, stop_fd);
  };
}

int Run(const Options& options) {
  // A message that protobuf cannot parse ends the stream with an error of ours;
  // protobuf's own would appear in the middle of the status line.
  google::protobuf::SetLogHandler(nullptr);
  ShutdownWatcher::BlockSignals();
  StopFlag stop;
  FdSink out(STDOUT_FILENO, stop.fd());
  FdSink err(STDERR_FILENO, stop.fd());
  const bool redraws = CanRedraw(options);
  Console console(out, err, redraws);
  const TextStyle status_style = options.Style(isatty(STDERR_FILENO) != 0);
  Printer printer({.repos = options.repos,
                   .json = options.format == OutputFormat::kJson,
                   .server = options.server,
                   .data_style = options.Style(isatty(STDOUT_FILENO) != 0),
                   .status_style = status_style,
                   .width = TerminalWidth,
                   // The one place where the program chooses the real clock.
                   .now = absl::Now,
                   .zone = absl::LocalTimeZone()},
                  console);
  const auto fail = [&](const absl::Status& status) {
    printer.Finish(absl::StrCat(Styled(status_style, kErrorStyle, "mentions:"),
                                " ", Printable(std::string(status.message()))));
    return kExitFailed;
  };

  std::optional<ResumeFile> resume_file;
  if (!options.resume_file.empty()) {
    resume_file.emplace(options.resume_file, options.repos);
    if (absl::Status read = resume_file->Read(); !read.ok()) return fail(read);
  }

  auto credentials = CredentialsOf(options);
  if (!credentials.ok()) return fail(credentials.status());
  client::SubscriptionSet subscriptions(
      {.server = options.server,
       .credentials = *std::move(credentials),
       .token_source = TokenSourceOf(options, stop.fd())});
  std::list<PrintingListener> listeners;
  for (size_t repo = 0; repo < options.repos.size(); ++repo) {
    listeners.emplace_back(options, repo, printer,
                           resume_file ? &*resume_file : nullptr);
    subscriptions.Add(
        Request(options, repo, resume_file ? resume_file->token(repo) : ""),
        listeners.back());
  }
  auto watcher = ShutdownWatcher::Start(
      STDOUT_FILENO,
      [&] {
        stop.Set();
        subscriptions.Cancel();
      },
      [redraws] {
        // Bypasses the printer, which may be blocked.
        constexpr std::string_view kErase = "\r\x1b[K";
        if (!redraws) return;
        [[maybe_unused]] const ssize_t wrote =
            write(STDERR_FILENO, kErase.data(), kErase.size());
      });
  if (!watcher.ok()) return fail(watcher.status());

  if (options.has_token() && !options.tls &&
      !client::IsLoopback(options.server)) {
    console.WriteNote(
        absl::StrCat("mentions: the connection to ", Printable(options.server),
                     " is not encrypted; anyone on the network path can read "
                     "the GitHub token"));
  }
  {
    printer.Refresh();
    std::optional<Ticker> ticker;
    if (redraws) {
      ticker.emplace(absl::Seconds(1), [&printer] { printer.Refresh(); });
    }
    subscriptions.Run();
  }
  printer.Finish("");
  if (resume_file) {
    if (absl::Status saved = resume_file->Flush(); !saved.ok()) {
      return fail(saved);
    }
  }
  const bool failed =
      std::any_of(listeners.begin(), listeners.end(),
                  [](const PrintingListener& one) { return one.failed(); });
  return failed ? kExitFailed : kExitOk;
}

}  // namespace
}  // namespace mentiond::terminal

int main(int argc, char** argv) {
  auto parsed = mentiond::terminal::ParseOptions(
      argc, argv, mentiond::terminal::FromEnvironment);
  if (const auto* exit = std::get_if<mentiond::terminal::EarlyExit>(&parsed)) {
    std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
    return exit->code;
  }
  return mentiond::terminal::Run(std::get<mentiond::terminal::Options>(parsed));
}
