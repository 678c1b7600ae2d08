#include "client/terminal/stream_state.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "client/terminal/display_width.h"
#include "client/terminal/printable.h"
#include "client/terminal/relative_time.h"
#include "lib/base/proto_time.h"

namespace mentiond::terminal {
namespace {

using ::mentions::v1::Delayed;
using ::mentions::v1::SubscribeResponse;

constexpr int kBarWidth = 24;
// In narrower lines the bar would leave no space for the numbers.
constexpr int kMinBarLineWidth = 60;

std::string Repeat(std::string_view piece, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all.append(piece);
  return all;
}

std::string Reading(const StreamState& state, int width,
                    const TextStyle& style) {
  const std::string count = MentionCount(state.mentions);
  if (state.pages_total == 0) {
    if (state.pages_done == 0) return "reading the history…";
    return CutEnd(
        absl::StrCat("reading the history: ", state.pages_done,
                     state.pages_done == 1 ? " page, " : " pages, ", count),
        width);
  }
  // A server that reads more pages than expected is shown at 100%.
  const uint32_t done = std::min(state.pages_done, state.pages_total);
  const int filled =
      static_cast<int>(uint64_t{done} * kBarWidth / state.pages_total);
  const std::string numbers =
      absl::StrCat(uint64_t{done} * 100 / state.pages_total, "% (", done,
                   " of ", state.pages_total, " pages), ", count);
  if (width < kMinBarLineWidth) {
    return CutEnd(absl::StrCat("reading: ", numbers), width);
  }
  const std::string start = "reading the history ";
  return absl::StrCat(
      start, Styled(style, kSuccessStyle, Repeat("━", filled)),
      Styled(style, kDimStyle, Repeat("─", kBarWidth - filled)),
      CutEnd(absl::StrCat(" ", numbers),
             width - kBarWidth - static_cast<int>(start.size())));
}

std::string Live(const StreamState& state, absl::Time now, int width,
                 const TextStyle& style) {
  const std::string rest =
      state.polled_at
          ? absl::StrCat(" · polled ", RelativeTime(*state.polled_at, now))
          : ", waiting for new mentions";
  return absl::StrCat(Styled(style, kSuccessStyle, "live"),
                      CutEnd(rest, width - 4));
}

std::string DelayReason(Delayed::Reason reason) {
  switch (reason) {
    case Delayed::REASON_RATE_LIMITED:
      return "GitHub's rate limit is used up";
    case Delayed::REASON_SECONDARY_RATE_LIMITED:
      return "GitHub asked to slow down";
    case Delayed::REASON_UPSTREAM_UNAVAILABLE:
      return "GitHub is unavailable";
    default:
      return "the server is waiting for GitHub";
  }
}

}  // namespace

bool StreamState::IsNewPoll(const ::mentions::v1::Heartbeat& heartbeat) const {
  return heartbeat.has_polled_at() &&
         (!polled_at || FromProto(heartbeat.polled_at()) != *polled_at);
}

void StreamState::Connected() {
  if (phase == Phase::kConnecting) phase = Phase::kReading;
}

void StreamState::Apply(const SubscribeResponse& response) {
  Connected();
  // Only a sign of life: nothing has changed.
  if (response.has_heartbeat() && !IsNewPoll(response.heartbeat())) return;
  delayed.reset();
  switch (response.event_case()) {
    case SubscribeResponse::kMention:
      ++mentions;
      break;
    case SubscribeResponse::kSyncProgress:
      pages_done = response.sync_progress().pages_done();
      pages_total = response.sync_progress().pages_total();
      break;
    case SubscribeResponse::kSynced:
      phase = Phase::kLive;
      break;
    case SubscribeResponse::kHeartbeat:
      // A resumed stream does not repeat Synced.
      phase = Phase::kLive;
      // The first poll comes at any time of an interval.
      if (polled_at && response.heartbeat().has_next_poll_at()) {
        poll_interval = FromProto(response.heartbeat().next_poll_at()) -
                        FromProto(response.heartbeat().polled_at());
      }
      polled_at = FromProto(response.heartbeat().polled_at());
      break;
    case SubscribeResponse::kDelayed:
      delayed = response.delayed();
      break;
    case SubscribeResponse::EVENT_NOT_SET:
      break;  // From a newer server.
  }
}

std::string MentionCount(int64_t mentions) {
  if (mentions == 0) return "no mentions";
  return absl::StrCat(mentions, mentions == 1 ? " mention" : " mentions");
}

std::string DelayMessage(const Delayed& delayed, absl::Time now,
                         absl::TimeZone zone) {
  std::string message = DelayReason(delayed.reason());
  if (delayed.has_retry_at()) {
    const absl::Time at = FromProto(delayed.retry_at());
    const bool far = absl::AbsDuration(at - now) > absl::Hours(20);
    absl::StrAppend(
        &message, "; resuming at ",
        absl::FormatTime(far ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", at, zone),
        " (", at <= now ? "now" : RelativeTime(at, now), ")");
  }
  const std::string detail = Printable(delayed.detail());
  if (!detail.empty()) absl::StrAppend(&message, ": ", detail);
  return message;
}

std::string StatusLine(const StreamState& state, const std::string& server,
                       absl::Time now, absl::TimeZone zone, int width,
                       const TextStyle& style) {
  if (state.delayed) {
    return Styled(style, kWarningStyle,
                  CutEnd(DelayMessage(*state.delayed, now, zone), width));
  }
  switch (state.phase) {
    case StreamState::Phase::kConnecting:
      return CutEnd(absl::StrCat("connecting to ", Printable(server), "…"),
                    width);
    case StreamState::Phase::kReading:
      return Reading(state, width, style);
    case StreamState::Phase::kLive:
      return Live(state, now, width, style);
    case StreamState::Phase::kEnded:
      return "";
  }
  return "";
}

}  // namespace mentiond::terminal
