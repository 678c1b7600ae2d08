#include "client/terminal/printer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/terminal/gap_message.h"
#include "tests/client/responses.h"

namespace mentiond::terminal {
namespace {

using ::mentions::v1::Delayed;
using ::mentions::v1::GAP_ANONYMOUS;
using ::mentions::v1::GAP_SEARCH_INDEX;
using ::mentions::v1::SubscribeResponse;
using ::testing::EndsWith;
using ::testing::StartsWith;

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);
const SubscribeResponse kMention =
    AMention(12, "@octocat \x1b[2J", kStart - absl::Hours(2));
constexpr char kMentionText[] =
    "alice commented on pull request #12 · 2 h ago\n"
    "  @octocat ␛[2J\n"
    "  https://github.com/o/r/pull/12\n"
    "\n";
const SubscribeResponse kDelay = Delay(Delayed::REASON_RATE_LIMITED);
const SubscribeResponse kSyncedWithGaps =
    Synced({GAP_ANONYMOUS, GAP_SEARCH_INDEX});
const std::string kGaps =
    GapMessage(GAP_ANONYMOUS) + "\n" + GapMessage(GAP_SEARCH_INDEX) + "\n";

// Appends to a string, which two sinks can share as they would a terminal.
class StringSink : public Sink {
 public:
  explicit StringSink(std::string& to) : to_(to) {}
  absl::Status Write(std::string_view bytes) override {
    if (status.ok()) to_.append(bytes);
    return status;
  }
  absl::Status status;

 private:
  std::string& to_;
};

class PrinterTest : public testing::Test {
 protected:
  // A printer on a terminal of 80 columns, with both outputs in `screen_`, or
  // one whose outputs are pipes.
  void Make(bool terminal, bool json = false,
            std::vector<std::string> repos = {"o/r"}) {
    console_.emplace(out_, terminal ? screen_err_ : err_, terminal);
    printer_.emplace(PrinterOptions{.repos = std::move(repos),
                                    .json = json,
                                    .server = "h:1",
                                    .data_style = {},
                                    .status_style = {},
                                    .width = [] { return 80; },
                                    .now = [this] { return now_; },
                                    .zone = absl::UTCTimeZone()},
                     *console_);
  }
  void Print(const SubscribeResponse& response, size_t repo = 0) {
    EXPECT_EQ(printer_->Print(repo, response), absl::OkStatus());
  }
  // The output since the last call.
  std::string Screen() { return std::exchange(screen_, {}); }
  std::string Errors() { return std::exchange(errors_, {}); }

  absl::Time now_ = kStart;
  std::string screen_;
  std::string errors_;
  StringSink out_{screen_};
  StringSink screen_err_{screen_};
  StringSink err_{errors_};
  std::optional<Console> console_;
  std::optional<Printer> printer_;
};

TEST_F(PrinterTest, ShowsTheStatusBelowTheMentionsOnATerminal) {
  Make(/*terminal=*/true);
  const auto shown = [this](const SubscribeResponse& response) {
    Print(response);
    return Screen();
  };
  const std::string erase = "\r\x1b[K";
  printer_->Refresh();
  EXPECT_EQ(Screen(), "connecting to h:1…");
  printer_->Connected(0);
  EXPECT_EQ(Screen(), erase + "reading the history…");
  EXPECT_EQ(shown(Progress(1, 0)),
            erase + "reading the history: 1 page, no mentions");
  EXPECT_EQ(shown(kMention),
            erase + kMentionText + "reading the history: 1 page, 1 mention");
  EXPECT_EQ(shown(kSyncedWithGaps), erase + "── 1 mention so far ──\n" + kGaps +
                                        "live, waiting for new mentions");
  // Ages are updated in place, if they have changed.
  Print(Heartbeat(now_));
  Screen();
  now_ += absl::Seconds(12);
  printer_->Refresh();
  EXPECT_EQ(Screen(), erase + "live · polled 12 s ago");
  printer_->Refresh();
  EXPECT_EQ(Screen(), "");
  EXPECT_EQ(shown(kDelay), erase + "GitHub's rate limit is used up");
  printer_->Finish("");
  EXPECT_EQ(Screen(), erase);
}

TEST_F(PrinterTest, WritesOnlyWholeLinesToAPipe) {
  Make(/*terminal=*/false);
  printer_->Refresh();
  printer_->Connected(0);
  Print(Progress(1, 2));
  Print(kMention);
  EXPECT_EQ(Screen(), kMentionText);
  EXPECT_EQ(Errors(), "");
  Print(kSyncedWithGaps);
  EXPECT_EQ(Errors(),
            "live, waiting for new mentions (1 mention so far)\n" + kGaps);
  Print(Heartbeat(now_));
  Print(SubscribeResponse());  // an event that it does not know
  printer_->Refresh();
  Print(kDelay);
  EXPECT_EQ(Errors(), "GitHub's rate limit is used up\n");
  printer_->Disconnected(0, absl::UnavailableError("no\x1b"),
                         absl::Seconds(1.5));
  EXPECT_EQ(Errors(), "connection lost (no␛); retrying in 2s\n");
  printer_->Finish("mentions: over");
  EXPECT_EQ(Errors(), "mentions: over\n");
  EXPECT_EQ(Screen(), "");
}

TEST_F(PrinterTest, PrintsOneJsonEventPerLine) {
  const std::pair<SubscribeResponse, const char*> events[] = {
      {Progress(1, 29), R"({"syncProgress":{"pagesDone":1,"pagesTotal":29}})"},
      // No control characters.
      {AMention(12, "@octocat \x1b\x07\r\n\x7f\u009b\u202E", kStart),
       R"({"mention":{"source":"SOURCE_PULL_REQUEST_COMMENT","id":"12",)"
       R"("pullRequest":"12","author":"alice","body":"@octocat )"
       R"(\u001b\u0007\r\n\u007f\u009b\u202e",)"
       R"("url":"https://github.com/o/r/pull/12",)"
       R"("createdAt":"2023-11-14T22:13:20Z","offsets":[0]}})"},
      {WithToken(kSyncedWithGaps, "abc"),
       R"({"synced":{"gaps":["GAP_ANONYMOUS","GAP_SEARCH_INDEX"]},)"
       R"("resumeToken":"abc"})"},
      {Heartbeat(now_), R"({"heartbeat":{"polledAt":"2023-11-14T22:13:20Z"}})"},
      {kDelay, R"({"delayed":{"reason":"REASON_RATE_LIMITED"}})"},
      {SubscribeResponse(), "{}"},
  };
  Make(/*terminal=*/false, /*json=*/true);
  for (const auto& [event, line] : events) {
    Print(event);
    EXPECT_EQ(Screen(), std::string(line) + "\n");
  }
  EXPECT_EQ(Errors(),
            "live, waiting for new mentions (1 mention so far)\n"
            "GitHub's rate limit is used up\n");
  // The repository is in each line if there are several.
  Make(/*terminal=*/false, /*json=*/true, {"o/a", "o/\"b"});
  Print(Synced(), 1);
  Print(SubscribeResponse(), 0);
  EXPECT_EQ(Screen(),
            "{\"repo\":\"o/\\\"b\",\"synced\":{}}\n{\"repo\":\"o/a\"}\n");
}

TEST_F(PrinterTest, NamesTheRepositoriesIfThereAreSeveral) {
  Make(/*terminal=*/false, /*json=*/false, {"o/a", "o/b", "o/c"});
  for (size_t repo = 0; repo < 3; ++repo) printer_->Connected(repo);
  // What belongs to one says so,
  Print(kMention);
  EXPECT_THAT(Screen(), StartsWith("alice commented on pull request o/a#12 ·"));
  Print(kDelay, 1);
  EXPECT_EQ(Errors(), "o/b: GitHub's rate limit is used up\n");
  printer_->Ended(2, "no such repository");
  EXPECT_EQ(Errors(), "mentions: o/c: no such repository\n");
  // and one line tells that all that are left are live.
  Print(Synced(), 0);
  EXPECT_EQ(Errors(), "");
  Print(Synced(), 1);
  EXPECT_EQ(Errors(),
            "2 of 3 live, waiting for new mentions (1 mention so far)\n");
}

TEST_F(PrinterTest, SumsUpSeveralRepositoriesOnATerminal) {
  Make(/*terminal=*/true, /*json=*/false, {"o/a", "o/b", "o/c"});
  printer_->Refresh();
  EXPECT_EQ(Screen(), "connecting to h:1…");
  printer_->Connected(0);
  printer_->Connected(1);
  Print(Synced(), 0);
  Print(Heartbeat(now_), 0);
  Print(kDelay, 1);
  printer_->Ended(2, "");
  EXPECT_THAT(
      Screen(),
      EndsWith("\r\x1b[K1 of 3 live · 1 reading · 1 delayed · 1 ended · "
               "no mentions · polled just now"));
}

TEST_F(PrinterTest, TellsHowOftenEachOfSeveralIsPolled) {
  // Given two streams, of which the first poll was due after seconds,
  for (const bool terminal : {false, true}) {
    Make(terminal, /*json=*/false, {"o/a", "o/b"});
    for (size_t repo = 0; repo < 2; ++repo) {
      Print(Synced(), repo);
      Print(Heartbeat(now_, absl::Seconds(7)), repo);
    }
    Screen();
    Errors();
    // when the second one of each is known, then that is told, once.
    now_ += absl::Seconds(7);
    Print(Heartbeat(now_, absl::Seconds(60)), 0);
    EXPECT_EQ(Errors(), "");
    Print(Heartbeat(now_, absl::Seconds(75)), 1);
    Print(Heartbeat(now_, absl::Seconds(75)), 1);
    if (terminal) {
      EXPECT_THAT(Screen(), EndsWith("polled just now, each every 1m15s"));
    } else {
      EXPECT_EQ(Errors(), "2 repositories, each polled every 1m15s\n");
    }
  }
}

TEST_F(PrinterTest, ReturnsErrorsOfTheOutputAndOfWhatJsonCannotRepresent) {
  SubscribeResponse response = kMention;
  auto& created_at = *response.mutable_mention()->mutable_created_at();
  created_at.set_seconds(1LL << 60);
  Make(/*terminal=*/false, /*json=*/true);
  EXPECT_EQ(printer_->Print(0, response).code(), absl::StatusCode::kInternal);
  // As text times out of range do no harm.
  Make(/*terminal=*/false);
  for (const int64_t seconds : {std::numeric_limits<int64_t>::min(),
                                std::numeric_limits<int64_t>::max(), 0L}) {
    created_at.set_seconds(seconds);
    Print(response);
  }
  out_.status = OutputClosedError();
  EXPECT_EQ(printer_->Print(0, kMention), out_.status);
}

}  // namespace
}  // namespace mentiond::terminal
