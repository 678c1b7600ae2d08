// Prints a subscription's events: data to standard output as text or JSON, the
// state of the stream to standard error. Knows nothing of how events come.

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
  // One line of JSON an event instead of text.
  bool json = false;
  // Whom to highlight: a login without `@`.
  std::string login;
  // Who is being connected to.
  std::string server;
  // Of standard output and standard error.
  TextStyle data_style;
  TextStyle status_style;
  // Columns of the terminal, asked for anew each time: it may be resized.
  std::function<int()> width;
  std::function<absl::Time()> now;
  absl::TimeZone zone;
};

// Thread-safe.
class Printer {
 public:
  // `console` must outlive it, and is used by it alone.
  Printer(PrinterOptions options, Console& console)
      : options_(std::move(options)), console_(console) {}

  // The server has accepted the stream.
  void Connected();

  // The connection broke; the next attempt is made after `wait`.
  void Disconnected(const absl::Status& reason, absl::Duration wait);

  // Shows one event; all of it is out when this returns. An error says that
  // standard output failed (see Sink::Write()), or that the event has no JSON
  // form.
  absl::Status Print(const ::mentions::v1::SubscribeResponse& response);

  // Brings the ages on a terminal up to date; to be called about once a second.
  void Refresh();

  // The last line, if any; the status line is gone then.
  void Finish(const std::string& last_line);

 private:
  // What of an event is data, as whole lines; empty for none.
  absl::StatusOr<std::string> Data(
      const ::mentions::v1::SubscribeResponse& response) const;
  // What is said once, on a line that stays.
  std::string Note(const ::mentions::v1::SubscribeResponse& response) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Warns about each gap in the history. In JSON format the events carry them.
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
