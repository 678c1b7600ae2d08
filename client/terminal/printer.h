// Prints the events of one or more subscriptions: data on standard output as
// text or JSON, the state of the streams on standard error.

#ifndef MENTIOND_CLIENT_TERMINAL_PRINTER_H_
#define MENTIOND_CLIENT_TERMINAL_PRINTER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "client/terminal/console.h"
#include "client/terminal/stream_state.h"
#include "client/terminal/text_style.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond::terminal {

struct PrinterOptions {
  // The repositories, as given. With more than one, each is named in what
  // belongs to it.
  std::vector<std::string> repos;
  // One line of JSON per event instead of text.
  bool json = false;
  // The server's address, for messages.
  std::string server;
  // The styles of standard output and standard error.
  TextStyle data_style;
  TextStyle status_style;
  // The terminal's width in columns; called each time, because the terminal may
  // be resized.
  std::function<int()> width;
  std::function<absl::Time()> now;
  absl::TimeZone zone;
};

// Thread-safe. `repo` is an index into the options' repositories.
class Printer {
 public:
  // `console` must outlive the printer, and must not be used by others while
  // the printer is.
  Printer(PrinterOptions options, Console& console)
      : options_(std::move(options)),
        console_(console),
        states_(options_.repos.size()) {}

  // The server has accepted the stream.
  void Connected(size_t repo);

  // The connection was lost; the next attempt follows after `wait`.
  void Disconnected(size_t repo, const absl::Status& reason,
                    absl::Duration wait);

  // The subscription has ended. `why` is printed, unless it is empty.
  void Ended(size_t repo, const std::string& why);

  // Prints one event, unbuffered. Errors: those of Sink::Write() for standard
  // output, and INTERNAL if the event cannot be represented in JSON.
  absl::Status Print(size_t repo,
                     const ::mentions::v1::SubscribeResponse& response);

  // Updates the ages shown in the status line; call it about once a second.
  void Refresh();

  // Clears the status line and prints a last line, unless that is empty.
  void Finish(const std::string& last_line);

 private:
  // The event's output on standard output, as whole lines; empty: none.
  absl::StatusOr<std::string> FormatData(
      size_t repo, const ::mentions::v1::SubscribeResponse& response) const;
  // Prints the event's permanent lines on standard error, if any.
  void PrintNotes(size_t repo,
                  const ::mentions::v1::SubscribeResponse& response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Tells, once, that all streams are live.
  void TellIfLive() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Tells, once, how often each of several repositories is polled.
  void TellInterval() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // "OWNER/NAME: " if there are several; otherwise empty.
  std::string PrefixOf(size_t repo) const;
  void ShowStatus() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PrinterOptions options_;
  absl::Mutex mutex_;
  Console& console_ ABSL_GUARDED_BY(mutex_);
  std::vector<StreamState> states_ ABSL_GUARDED_BY(mutex_);
  bool told_live_ ABSL_GUARDED_BY(mutex_) = false;
  bool told_interval_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_PRINTER_H_
