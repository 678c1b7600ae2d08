// What the program does with the events of one repository: prints them, and
// saves where the next run continues.

#ifndef MENTIOND_CLIENT_TERMINAL_PRINTING_LISTENER_H_
#define MENTIOND_CLIENT_TERMINAL_PRINTING_LISTENER_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "client/subscription_listener.h"
#include "client/terminal/options.h"
#include "client/terminal/printer.h"
#include "client/terminal/resume_file.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond::terminal {

class PrintingListener final : public client::SubscriptionListener {
 public:
  // `repo` is an index into the options' repositories; `resume_file` may be
  // null. All outlive the listener.
  PrintingListener(const Options& options, size_t repo, Printer& printer,
                   ResumeFile* resume_file)
      : options_(options),
        repo_(repo),
        printer_(printer),
        resume_file_(resume_file) {}

  void OnConnected(std::string_view) override { printer_.Connected(repo_); }
  absl::Status OnEvent(
      const ::mentions::v1::SubscribeResponse& response) override;
  void OnDisconnected(const absl::Status& reason,
                      absl::Duration wait) override {
    printer_.Disconnected(repo_, reason, wait);
  }
  void OnEnd(const client::SubscriptionEnd& end) override;

  // It has ended for another reason than that the user wanted it.
  bool failed() const { return failed_; }

 private:
  const Options& options_;
  const size_t repo_;
  Printer& printer_;
  ResumeFile* const resume_file_;
  bool had_events_ = false;
  bool failed_ = false;
};

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_PRINTING_LISTENER_H_
