#include "client/printer.h"

#include "absl/strings/str_cat.h"

#include "client/gap_message.h"
#include "client/json_line.h"
#include "client/mention_text.h"
#include "client/printable.h"

namespace mentiond {

using ::mentions::v1::SubscribeResponse;

void Printer::Connected() {
  absl::MutexLock lock(&mutex_);
  state_.Connected();
  ShowStatus();
}

absl::Status Printer::Print(const SubscribeResponse& response) {
  absl::StatusOr<std::string> data = FormatData(response);
  if (!data.ok()) return data.status();
  absl::MutexLock lock(&mutex_);
  state_.Apply(response);
  if (!data->empty()) {
    absl::Status written = console_.WriteData(*data);
    if (!written.ok()) return written;
  }
  const std::string note = FormatNote(response);
  if (!note.empty()) {
    console_.WriteNote(Styled(options_.status_style, kDimStyle, note));
  }
  // In JSON the event itself contains the gaps.
  if (response.has_synced() && !options_.json) WarnOfGaps(response.synced());
  ShowStatus();
  return absl::OkStatus();
}

void Printer::Disconnected(const absl::Status& reason, absl::Duration wait) {
  absl::MutexLock lock(&mutex_);
  state_.phase = StreamState::Phase::kConnecting;
  console_.WriteNote(Styled(
      options_.status_style, kWarningStyle,
      absl::StrCat("connection lost (",
                   Printable(std::string(reason.message())), "); retrying in ",
                   absl::FormatDuration(absl::Ceil(wait, absl::Seconds(1))))));
  ShowStatus();
}

void Printer::Refresh() {
  absl::MutexLock lock(&mutex_);
  ShowStatus();
}

void Printer::Finish(const std::string& last_line) {
  absl::MutexLock lock(&mutex_);
  console_.SetStatus("");
  if (!last_line.empty()) console_.WriteNote(last_line);
}

absl::StatusOr<std::string> Printer::FormatData(
    const SubscribeResponse& response) const {
  if (options_.json) return JsonLine(response);
  if (!response.has_mention()) return "";
  return MentionText(response.mention(), options_.login, options_.now(),
                     options_.width(), options_.data_style);
}

std::string Printer::FormatNote(const SubscribeResponse& response) const {
  if (response.has_synced()) {
    const std::string count =
        absl::StrCat(MentionCount(state_.mentions), " so far");
    // If there is a status line, it shows the state; this is only a divider.
    if (console_.redraws()) return absl::StrCat("── ", count, " ──");
    return absl::StrCat("live, waiting for new mentions (", count, ")");
  }
  if (response.has_delayed() && !console_.redraws()) {
    return DelayMessage(response.delayed(), options_.now(), options_.zone);
  }
  return "";
}

void Printer::WarnOfGaps(const ::mentions::v1::Synced& synced) {
  for (const int gap : synced.gaps()) {
    console_.WriteNote(
        Styled(options_.status_style, kWarningStyle,
               GapMessage(static_cast<::mentions::v1::Gap>(gap))));
  }
}

void Printer::ShowStatus() {
  if (!console_.redraws()) return;
  // Some terminals wrap when the last column is used.
  console_.SetStatus(StatusLine(state_, options_.server, options_.now(),
                                options_.zone, options_.width() - 1,
                                options_.status_style));
}

}  // namespace mentiond
