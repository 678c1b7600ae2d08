// mentions: prints the events that a mentiond server streams.

#include <google/protobuf/stubs/logging.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

#include "client/console.h"
#include "client/exact_output.h"
#include "client/loopback.h"
#include "client/options.h"
#include "client/printable.h"
#include "client/printer.h"
#include "client/shutdown_watcher.h"
#include "client/sink.h"
#include "client/status_message.h"
#include "client/subscription.h"
#include "client/ticker.h"
#include "lib/base/proto_time.h"

namespace mentiond {
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

::mentions::v1::SubscribeRequest Request(const Options& options,
                                         const std::string& resume_token) {
  ::mentions::v1::SubscribeRequest request;
  request.set_repo(options.repo);
  request.set_user(options.user);
  request.set_token(options.token);
  request.set_resume_token(resume_token);
  if (options.since) *request.mutable_since() = ToProto(*options.since);
  for (const ::mentions::v1::Source source : options.sources) {
    request.add_sources(source);
  }
  request.set_history(options.history);
  return request;
}

// Prints each event and saves its resume token.
class PrintingListener : public SubscriptionListener {
 public:
  // `output` is the printer's output; null: tokens are not saved.
  PrintingListener(Printer& printer, ExactOutput* output)
      : printer_(printer), output_(output) {}

  void OnConnected(std::string_view) override { printer_.Connected(); }

  void OnDisconnected(const absl::Status& reason,
                      absl::Duration wait) override {
    printer_.Disconnected(reason, wait);
  }

  absl::Status OnEvent(
      const ::mentions::v1::SubscribeResponse& response) override {
    had_events_ = true;
    if (output_ == nullptr) return printer_.Print(response);
    absl::Status status = output_->Begin(response.resume_token());
    if (status.ok()) status = printer_.Print(response);
    if (status.ok()) status = output_->Commit();
    return status;
  }

  bool had_events() const { return had_events_; }

 private:
  Printer& printer_;
  ExactOutput* const output_;
  bool had_events_ = false;
};

int Fail(Printer& printer, const TextStyle& style, const std::string& message) {
  printer.Finish(
      absl::StrCat(Styled(style, kErrorStyle, "mentions:"), " ", message));
  return kExitFailed;
}

int ReportEnd(const SubscriptionEnd& end, const Options& options,
              bool had_events, Printer& printer, const TextStyle& style) {
  if (end.by == SubscriptionEnd::By::kCancel) {
    printer.Finish("");
    return kExitOk;
  }
  if (end.by == SubscriptionEnd::By::kListener) {
    // The output was closed, or the program was stopped while writing to it.
    if (IsOutputClosed(end.status) || absl::IsCancelled(end.status)) {
      printer.Finish("");
      return kExitOk;
    }
    return Fail(printer, style, Printable(std::string(end.status.message())));
  }
  if (end.status.ok()) {
    printer.Finish("The server ended the stream.");
    return kExitOk;
  }
  return Fail(printer, style,
              StatusMessage(end.status, {.server = options.server,
                                         .repo = options.repo,
                                         .has_token = !options.token.empty(),
                                         .reached = end.reached,
                                         .had_events = had_events}));
}

int Run(const Options& options) {
  // A message that protobuf cannot parse ends the stream with an error of ours;
  // protobuf's own would appear in the middle of the status line.
  google::protobuf::SetLogHandler(nullptr);
  ShutdownWatcher::BlockSignals();
  StopFlag stop;
  FdSink out(STDOUT_FILENO, stop.fd());
  FdSink err(STDERR_FILENO, stop.fd());
  std::optional<ExactOutput> exact;
  if (!options.resume_file.empty()) {
    exact.emplace(out, STDOUT_FILENO, options.resume_file);
  }
  const bool redraws = CanRedraw(options);
  Console console(exact ? static_cast<Sink&>(*exact) : out, err, redraws);
  const TextStyle status_style = options.Style(isatty(STDERR_FILENO) != 0);
  Printer printer({.json = options.format == OutputFormat::kJson,
                   .login = std::string(absl::StripPrefix(options.user, "@")),
                   .server = options.server,
                   .data_style = options.Style(isatty(STDOUT_FILENO) != 0),
                   .status_style = status_style,
                   .width = TerminalWidth,
                   // The one place where the program chooses the real clock.
                   .now = absl::Now,
                   .zone = absl::LocalTimeZone()},
                  console);

  std::string resume_token;
  if (exact) {
    absl::StatusOr<std::string> recovered = exact->Recover();
    if (!recovered.ok()) {
      return Fail(printer, status_style,
                  Printable(std::string(recovered.status().message())));
    }
    resume_token = *std::move(recovered);
  }

  Subscription subscription(
      {.server = options.server, .request = Request(options, resume_token)});
  auto watcher = ShutdownWatcher::Start(
      STDOUT_FILENO,
      [&] {
        stop.Set();
        subscription.Cancel();
      },
      [redraws] {
        // Bypasses the printer, which may be blocked.
        constexpr std::string_view kErase = "\r\x1b[K";
        if (!redraws) return;
        [[maybe_unused]] const ssize_t wrote =
            write(STDERR_FILENO, kErase.data(), kErase.size());
      });
  if (!watcher.ok()) {
    return Fail(printer, status_style,
                Printable(std::string(watcher.status().message())));
  }

  if (!options.token.empty() && !IsLoopback(options.server)) {
    console.WriteNote(
        absl::StrCat("mentions: the connection to ", Printable(options.server),
                     " is not encrypted; anyone on the network path can read "
                     "the GitHub token"));
  }

  PrintingListener listener(printer, exact ? &*exact : nullptr);
  SubscriptionEnd end;
  {
    printer.Refresh();
    std::optional<Ticker> ticker;
    if (redraws) {
      ticker.emplace(absl::Seconds(1), [&printer] { printer.Refresh(); });
    }
    end = subscription.Run(listener);
  }
  return ReportEnd(end, options, listener.had_events(), printer, status_style);
}

}  // namespace
}  // namespace mentiond

int main(int argc, char** argv) {
  auto parsed = mentiond::ParseOptions(argc, argv, mentiond::FromEnvironment);
  if (const auto* exit = std::get_if<mentiond::EarlyExit>(&parsed)) {
    std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
    return exit->code;
  }
  return mentiond::Run(std::get<mentiond::Options>(parsed));
}
