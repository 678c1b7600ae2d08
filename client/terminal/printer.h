// Prints a subscription's events: data on standard output as text or JSON, the
// state of the stream on standard error.

#ifndef MENTIOND_CLIENT_PRINTER_H_
#define MENTIOND_CLIENT_PRINTER_H_

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "client/console.h"
#include "client/stream_state.h"
#include "client/text_style.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

struct PrinterOptions {
  // One line of JSON per event instead of text.
  bool json = false;
  // The login to highlight, without `@`.
  std::string login;
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

// Thread-safe.
class Printer {
 public:
  // `console` must outlive the printer, and must not be used by others while
  // the printer is.
  Printer(PrinterOptions options, Console& console)
      : options_(std::move(options)), console_(console) {}

  // The server has accepted the stream.
  void Connected();

  // The connection was lost; the next attempt follows after `wait`.
  void Disconnected(const absl::Status& reason, absl::Duration wait);

  // Prints one event, unbuffered. Errors: those of Sink::Write() for standard
  // output, and INTERNAL if the event cannot be represented in JSON.
  absl::Status Print(const ::mentions::v1::SubscribeResponse& response);

  // Updates the ages shown in the status line; call it about once a second.
  void Refresh();

  // Clears the status line and prints a last line, unless that is empty.
  void Finish(const std::string& last_line);

 private:
  // The event's output on standard output, as whole lines; empty: none.
  absl::StatusOr<std::string> FormatData(
      const ::mentions::v1::SubscribeResponse& response) const;
  // The event's permanent line on standard error; empty: none.
  std::string FormatNote(const ::mentions::v1::SubscribeResponse& response)
      const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Prints a warning for each gap in the history.
  void WarnOfGaps(const ::mentions::v1::Synced& synced)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ShowStatus() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PrinterOptions options_;
  absl::Mutex mutex_;
  Console& console_ ABSL_GUARDED_BY(mutex_);
  StreamState state_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_PRINTER_H_
