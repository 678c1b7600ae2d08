#include "client/terminal/printing_listener.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "client/terminal/printable.h"
#include "client/terminal/sink.h"
#include "client/terminal/status_message.h"

namespace mentiond::terminal {

using By = client::SubscriptionEnd::By;

absl::Status PrintingListener::OnEvent(
    const ::mentions::v1::SubscribeResponse& response) {
  had_events_ = true;
  if (resume_file_ == nullptr) return printer_.Print(repo_, response);
  const std::string& token = response.resume_token();
  const bool prints =
      options_.format == OutputFormat::kJson || response.has_mention();
  absl::Status status =
      prints ? resume_file_->Prepare(repo_, token) : absl::OkStatus();
  if (status.ok()) status = printer_.Print(repo_, response);
  if (!status.ok()) return status;
  return prints ? resume_file_->Commit()
                : resume_file_->Note(repo_, token, absl::Now());
}

void PrintingListener::OnEnd(const client::SubscriptionEnd& end) {
  std::string why;
  switch (end.by) {
    case By::kCancel:
      break;
    case By::kListener:
      // The output was closed, or the program was stopped while writing to it.
      if (IsOutputClosed(end.status) || absl::IsCancelled(end.status)) break;
      why = Printable(std::string(end.status.message()));
      break;
    case By::kTokenSource:
      why = Printable(std::string(end.status.message()));
      break;
    case By::kServer:
      why = StatusMessage(end.status, {.server = options_.server,
                                       .repo = options_.repos[repo_],
                                       .has_token = options_.has_token(),
                                       .reached = end.reached,
                                       .had_events = had_events_});
      break;
  }
  failed_ = !why.empty();
  printer_.Ended(repo_, why);
}

}  // namespace mentiond::terminal
