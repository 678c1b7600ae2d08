#include "client/terminal/printer.h"

#include "absl/strings/str_cat.h"

#include "client/terminal/gap_message.h"
#include "client/terminal/json_line.h"
#include "client/terminal/mention_text.h"
#include "client/terminal/printable.h"
#include "client/terminal/set_state.h"

namespace mentiond::terminal {

using ::mentions::v1::SubscribeResponse;

void Printer::Connected(size_t repo) {
  absl::MutexLock lock(&mutex_);
  states_[repo].Connected();
  ShowStatus();
}

absl::Status Printer::Print(size_t repo, const SubscribeResponse& response) {
  absl::StatusOr<std::string> data = FormatData(repo, response);
  if (!data.ok()) return data.status();
  absl::MutexLock lock(&mutex_);
  states_[repo].Apply(response);
  if (!data->empty()) {
    absl::Status written = console_.WriteData(*data);
    if (!written.ok()) return written;
  }
  PrintNotes(repo, response);
  ShowStatus();
  return absl::OkStatus();
}

void Printer::Disconnected(size_t repo, const absl::Status& reason,
                           absl::Duration wait) {
  absl::MutexLock lock(&mutex_);
  states_[repo].phase = StreamState::Phase::kConnecting;
  console_.WriteNote(Styled(
      options_.status_style, kWarningStyle,
      absl::StrCat(PrefixOf(repo), "connection lost (",
                   Printable(std::string(reason.message())), "); retrying in ",
                   absl::FormatDuration(absl::Ceil(wait, absl::Seconds(1))))));
  ShowStatus();
}

void Printer::Ended(size_t repo, const std::string& why) {
  absl::MutexLock lock(&mutex_);
  states_[repo].phase = StreamState::Phase::kEnded;
  if (!why.empty()) {
    console_.WriteNote(
        absl::StrCat(Styled(options_.status_style, kErrorStyle, "mentions:"),
                     " ", PrefixOf(repo), why));
  }
  TellIfLive();
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
    size_t repo, const SubscribeResponse& response) const {
  const std::string name =
      options_.repos.size() > 1 ? options_.repos[repo] : "";
  if (options_.json) return JsonLine(name, response);
  if (!response.has_mention()) return "";
  return MentionText(response.mention(), name, options_.now(), options_.width(),
                     options_.data_style);
}

void Printer::PrintNotes(size_t repo, const SubscribeResponse& response) {
  if (response.has_delayed() && !console_.redraws()) {
    console_.WriteNote(Styled(
        options_.status_style, kDimStyle,
        absl::StrCat(
            PrefixOf(repo),
            DelayMessage(response.delayed(), options_.now(), options_.zone))));
  }
  if (response.has_synced() || response.has_heartbeat()) TellIfLive();
  if (response.has_heartbeat()) TellInterval();
  // In JSON the event itself contains the gaps.
  if (!response.has_synced() || options_.json) return;
  for (const int gap : response.synced().gaps()) {
    console_.WriteNote(Styled(
        options_.status_style, kWarningStyle,
        absl::StrCat(PrefixOf(repo),
                     GapMessage(static_cast<::mentions::v1::Gap>(gap)))));
  }
}

void Printer::TellIfLive() {
  const SetState set = Summarize(states_);
  if (told_live_ || set.live == 0 || set.live + set.ended < set.total) return;
  told_live_ = true;
  const std::string count = absl::StrCat(MentionCount(set.mentions), " so far");
  const std::string live =
      set.total > 1 ? absl::StrCat(set.live, " of ", set.total, " live")
                    : "live";
  // If there is a status line, it shows the state; this is only a divider.
  console_.WriteNote(Styled(
      options_.status_style, kDimStyle,
      console_.redraws()
          ? absl::StrCat("── ", count, " ──")
          : absl::StrCat(live, ", waiting for new mentions (", count, ")")));
}

// Where there is a status line, it tells.
void Printer::TellInterval() {
  if (told_interval_ || !told_live_ || states_.size() == 1 ||
      console_.redraws()) {
    return;
  }
  const SetState set = Summarize(states_);
  if (!set.poll_interval) return;
  told_interval_ = true;
  console_.WriteNote(
      Styled(options_.status_style, kDimStyle,
             absl::StrCat(set.live, " repositories, each polled every ",
                          IntervalText(*set.poll_interval))));
}

std::string Printer::PrefixOf(size_t repo) const {
  return options_.repos.size() > 1
             ? absl::StrCat(Printable(options_.repos[repo]), ": ")
             : "";
}

void Printer::ShowStatus() {
  if (!console_.redraws()) return;
  // Some terminals wrap when the last column is used.
  const int width = options_.width() - 1;
  const absl::Time now = options_.now();
  console_.SetStatus(states_.size() == 1
                         ? StatusLine(states_.front(), options_.server, now,
                                      options_.zone, width,
                                      options_.status_style)
                         : SetStatusLine(Summarize(states_), options_.server,
                                         now, width, options_.status_style));
}

}  // namespace mentiond::terminal
