#include "client/terminal/printer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/terminal/gap_message.h"
#include "lib/base/proto_time.h"

namespace mentiond::terminal {
namespace {

using ::mentions::v1::SubscribeResponse;

using ::testing::EndsWith;

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

// Appends to a string, which two sinks can share as they would a terminal.
class StringSink : public Sink {
 public:
  explicit StringSink(std::string& to) : to_(to) {}
  absl::Status Write(std::string_view bytes) override {
    if (!status.ok()) return status;
    to_.append(bytes);
    return absl::OkStatus();
  }
  absl::Status status;

 private:
  std::string& to_;
};

class PrinterTest : public testing::Test {
 protected:
  // A printer on a terminal of 80 columns, with both outputs in `screen_`, or
  // one whose outputs are pipes.
  Printer Make(bool terminal, bool json = false) {
    console_.emplace(out_, terminal ? screen_err_ : err_, terminal);
    return Printer({.repos = repos_,
                    .json = json,
                    .server = "h:1",
                    .data_style = {},
                    .status_style = {},
                    .width = [] { return 80; },
                    .now = [this] { return now_; },
                    .zone = absl::UTCTimeZone()},
                   *console_);
  }

  // The output since the last call.
  std::string Screen() { return std::exchange(screen_, {}); }
  std::string Errors() { return std::exchange(errors_, {}); }

  static SubscribeResponse AMention() {
    SubscribeResponse response;
    auto& mention = *response.mutable_mention();
    mention.set_source(::mentions::v1::SOURCE_REVIEW);
    mention.set_id(5'000'000'000);
    mention.set_pull_request(12);
    mention.set_author("alice");
    mention.set_body("@octocat \x1b[2J");
    mention.add_offsets(0);
    mention.set_url("https://h/12");
    *mention.mutable_created_at() = ToProto(kStart - absl::Hours(2));
    return response;
  }
  static SubscribeResponse Progress(uint32_t done, uint32_t total) {
    SubscribeResponse response;
    response.mutable_sync_progress()->set_pages_done(done);
    response.mutable_sync_progress()->set_pages_total(total);
    return response;
  }
  static SubscribeResponse Synced() {
    SubscribeResponse response;
    response.mutable_synced();
    return response;
  }
  static SubscribeResponse SyncedWithGaps(
      std::initializer_list<::mentions::v1::Gap> gaps) {
    SubscribeResponse response = Synced();
    for (const auto gap : gaps) response.mutable_synced()->add_gaps(gap);
    return response;
  }
  static SubscribeResponse Heartbeat(
      absl::Time at, std::optional<absl::Duration> next = std::nullopt) {
    SubscribeResponse response;
    auto& heartbeat = *response.mutable_heartbeat();
    *heartbeat.mutable_polled_at() = ToProto(at);
    if (next) *heartbeat.mutable_next_poll_at() = ToProto(at + *next);
    return response;
  }
  static SubscribeResponse Delay() {
    SubscribeResponse response;
    response.mutable_delayed()->set_reason(
        ::mentions::v1::Delayed::REASON_RATE_LIMITED);
    return response;
  }

  std::vector<std::string> repos_ = {"o/r"};
  absl::Time now_ = kStart;
  std::string screen_;
  std::string errors_;
  StringSink out_{screen_};
  StringSink screen_err_{screen_};
  StringSink err_{errors_};
  std::optional<Console> console_;
};

constexpr char kMention[] =
    "alice reviewed pull request #12 · 2 h ago\n"
    "  @octocat ␛[2J\n"
    "  https://h/12\n"
    "\n";

TEST_F(PrinterTest, ShowsTheStatusBelowTheMentionsOnATerminal) {
  Printer printer = Make(/*terminal=*/true);
  printer.Refresh();
  EXPECT_EQ(Screen(), "connecting to h:1…");
  printer.Connected(0);
  EXPECT_EQ(Screen(), "\r\x1b[Kreading the history…");
  ASSERT_TRUE(printer.Print(0, Progress(1, 0)).ok());
  EXPECT_EQ(Screen(), "\r\x1b[Kreading the history: 1 page, no mentions");
  ASSERT_TRUE(printer.Print(0, AMention()).ok());
  EXPECT_EQ(Screen(), std::string("\r\x1b[K") + kMention +
                          "reading the history: 1 page, 1 mention");
  ASSERT_TRUE(printer.Print(0, Synced()).ok());
  EXPECT_EQ(Screen(),
            "\r\x1b[K── 1 mention so far ──\n"
            "live, waiting for new mentions");
  printer.Finish("");
  EXPECT_EQ(Screen(), "\r\x1b[K");
}

TEST_F(PrinterTest, UpdatesAgesInPlaceOnATerminal) {
  Printer printer = Make(/*terminal=*/true);
  ASSERT_TRUE(printer.Print(0, Synced()).ok());
  ASSERT_TRUE(printer.Print(0, Heartbeat(now_)).ok());
  Screen();
  now_ += absl::Seconds(12);
  printer.Refresh();
  EXPECT_EQ(Screen(), "\r\x1b[Klive · polled 12 s ago");
  // Nothing is drawn if nothing has changed.
  printer.Refresh();
  EXPECT_EQ(Screen(), "");
  ASSERT_TRUE(printer.Print(0, Delay()).ok());
  EXPECT_EQ(Screen(), "\r\x1b[KGitHub's rate limit is used up");
}

TEST_F(PrinterTest, WritesOnlyWholeLinesToAPipe) {
  Printer printer = Make(/*terminal=*/false);
  printer.Refresh();
  printer.Connected(0);
  ASSERT_TRUE(printer.Print(0, Progress(1, 2)).ok());
  ASSERT_TRUE(printer.Print(0, AMention()).ok());
  EXPECT_EQ(Screen(), kMention);
  EXPECT_EQ(Errors(), "");
  ASSERT_TRUE(printer.Print(0, Synced()).ok());
  EXPECT_EQ(Errors(), "live, waiting for new mentions (1 mention so far)\n");
  ASSERT_TRUE(printer.Print(0, Heartbeat(now_)).ok());
  printer.Refresh();
  ASSERT_TRUE(printer.Print(0, Delay()).ok());
  EXPECT_EQ(Errors(), "GitHub's rate limit is used up\n");
  printer.Finish("mentions: over");
  EXPECT_EQ(Errors(), "mentions: over\n");
  EXPECT_EQ(Screen(), "");
}

TEST_F(PrinterTest, WarnsOfEachGapInTheHistory) {
  const SubscribeResponse synced = SyncedWithGaps(
      {::mentions::v1::GAP_ANONYMOUS, ::mentions::v1::GAP_SEARCH_INDEX});
  const std::string warnings =
      GapMessage(::mentions::v1::GAP_ANONYMOUS) + "\n" +
      GapMessage(::mentions::v1::GAP_SEARCH_INDEX) + "\n";

  Printer piped = Make(/*terminal=*/false);
  ASSERT_TRUE(piped.Print(0, synced).ok());
  EXPECT_EQ(Errors(),
            "live, waiting for new mentions (no mentions so far)\n" + warnings);
  EXPECT_EQ(Screen(), "");

  Printer on_terminal = Make(/*terminal=*/true);
  ASSERT_TRUE(on_terminal.Print(0, synced).ok());
  EXPECT_EQ(Screen(), "── no mentions so far ──\n" + warnings +
                          "live, waiting for new mentions");
}

TEST_F(PrinterTest, PrintsGapsOnlyInTheEventInJson) {
  Printer printer = Make(/*terminal=*/false, /*json=*/true);
  ASSERT_TRUE(printer
                  .Print(0, SyncedWithGaps({::mentions::v1::GAP_ANONYMOUS,
                                            ::mentions::v1::GAP_SEARCH_INDEX}))
                  .ok());
  EXPECT_EQ(Screen(),
            "{\"synced\":{\"gaps\":[\"GAP_ANONYMOUS\",\"GAP_SEARCH_INDEX\"]}}"
            "\n");
  EXPECT_EQ(Errors(), "live, waiting for new mentions (no mentions so far)\n");
}

TEST_F(PrinterTest, PrintsOneJsonEventPerLine) {
  Printer printer = Make(/*terminal=*/false, /*json=*/true);
  SubscribeResponse with_token = Synced();
  with_token.set_resume_token("abc");
  for (const auto& response :
       {Progress(1, 29), AMention(), with_token, Heartbeat(now_), Delay()}) {
    ASSERT_TRUE(printer.Print(0, response).ok());
  }
  EXPECT_EQ(Screen(),
            "{\"syncProgress\":{\"pagesDone\":1,\"pagesTotal\":29}}\n"
            "{\"mention\":{\"source\":\"SOURCE_REVIEW\",\"id\":\"5000000000\","
            "\"pullRequest\":\"12\",\"author\":\"alice\","
            "\"body\":\"@octocat \\u001b[2J\",\"url\":\"https://h/12\","
            "\"createdAt\":\"2023-11-14T20:13:20Z\",\"offsets\":[0]}}\n"
            "{\"synced\":{},\"resumeToken\":\"abc\"}\n"
            "{\"heartbeat\":{\"polledAt\":\"2023-11-14T22:13:20Z\"}}\n"
            "{\"delayed\":{\"reason\":\"REASON_RATE_LIMITED\"}}\n");
}

TEST_F(PrinterTest, PrintsNoControlCharactersInJson) {
  Printer printer = Make(/*terminal=*/false, /*json=*/true);
  SubscribeResponse response = AMention();
  response.mutable_mention()->set_body("\x1b\x07\r\n\x7f\u009b\u202E");
  ASSERT_TRUE(printer.Print(0, response).ok());
  std::string line = Screen();
  ASSERT_EQ(line.back(), '\n');
  line.pop_back();
  for (const char c : line) {
    EXPECT_TRUE(c >= ' ' && c < '\x7f') << line;
  }
}

TEST_F(PrinterTest, NamesTheRepositoriesIfThereAreSeveral) {
  repos_ = {"o/a", "o/b", "o/c"};
  Printer printer = Make(/*terminal=*/false);
  for (size_t repo = 0; repo < 3; ++repo) printer.Connected(repo);
  // What belongs to one says so,
  ASSERT_TRUE(printer.Print(0, AMention()).ok());
  EXPECT_EQ(Screen(),
            "alice reviewed pull request o/a#12 · 2 h ago\n"
            "  @octocat ␛[2J\n"
            "  https://h/12\n"
            "\n");
  ASSERT_TRUE(printer.Print(1, Delay()).ok());
  EXPECT_EQ(Errors(), "o/b: GitHub's rate limit is used up\n");
  printer.Ended(2, "no such repository");
  EXPECT_EQ(Errors(), "mentions: o/c: no such repository\n");
  // and one line tells that all that are left are live.
  ASSERT_TRUE(printer.Print(0, Synced()).ok());
  EXPECT_EQ(Errors(), "");
  ASSERT_TRUE(printer.Print(1, Synced()).ok());
  EXPECT_EQ(Errors(),
            "2 of 3 live, waiting for new mentions (1 mention so far)\n");
}

TEST_F(PrinterTest, NamesTheRepositoryInJsonIfThereAreSeveral) {
  repos_ = {"o/a", "o/\"b"};
  Printer printer = Make(/*terminal=*/false, /*json=*/true);
  ASSERT_TRUE(printer.Print(1, Synced()).ok());
  ASSERT_TRUE(printer.Print(0, SubscribeResponse()).ok());
  EXPECT_EQ(Screen(),
            "{\"repo\":\"o/\\\"b\",\"synced\":{}}\n"
            "{\"repo\":\"o/a\"}\n");
}

TEST_F(PrinterTest, SumsUpSeveralRepositoriesOnATerminal) {
  repos_ = {"o/a", "o/b", "o/c"};
  Printer printer = Make(/*terminal=*/true);
  printer.Refresh();
  EXPECT_EQ(Screen(), "connecting to h:1…");
  printer.Connected(0);
  printer.Connected(1);
  ASSERT_TRUE(printer.Print(0, Synced()).ok());
  ASSERT_TRUE(printer.Print(0, Heartbeat(now_)).ok());
  ASSERT_TRUE(printer.Print(1, Delay()).ok());
  Screen();
  printer.Ended(2, "");
  EXPECT_EQ(Screen(),
            "\r\x1b[K1 of 3 live · 1 reading · 1 delayed · 1 ended · "
            "no mentions · polled just now");
}

TEST_F(PrinterTest, TellsHowOftenEachOfSeveralIsPolled) {
  repos_ = {"o/a", "o/b"};
  // Given two streams, of which the first poll was due after seconds,
  for (const bool terminal : {false, true}) {
    Printer printer = Make(terminal);
    for (size_t repo = 0; repo < 2; ++repo) {
      ASSERT_TRUE(printer.Print(repo, Synced()).ok());
      ASSERT_TRUE(printer.Print(repo, Heartbeat(now_, absl::Seconds(7))).ok());
    }
    Screen();
    Errors();
    // when the second one of each is known, then that is told, once.
    now_ += absl::Seconds(7);
    ASSERT_TRUE(printer.Print(0, Heartbeat(now_, absl::Seconds(60))).ok());
    EXPECT_EQ(Errors(), "");
    ASSERT_TRUE(printer.Print(1, Heartbeat(now_, absl::Seconds(75))).ok());
    ASSERT_TRUE(printer.Print(1, Heartbeat(now_, absl::Seconds(75))).ok());
    if (terminal) {
      EXPECT_THAT(Screen(), EndsWith("polled just now, each every 1m15s"));
    } else {
      EXPECT_EQ(Errors(), "2 repositories, each polled every 1m15s\n");
    }
  }
}

TEST_F(PrinterTest, IgnoresUnknownEvents) {
  Printer printer = Make(/*terminal=*/false);
  ASSERT_TRUE(printer.Print(0, SubscribeResponse()).ok());
  EXPECT_EQ(Screen() + Errors(), "");
}

TEST_F(PrinterTest, ReturnsErrorsOfTheOutput) {
  Printer printer = Make(/*terminal=*/false);
  out_.status = OutputClosedError();
  EXPECT_EQ(printer.Print(0, AMention()), out_.status);
}

TEST_F(PrinterTest, ReturnsAnErrorForEventsThatJsonCannotRepresent) {
  Printer printer = Make(/*terminal=*/false, /*json=*/true);
  SubscribeResponse response = AMention();
  response.mutable_mention()->mutable_created_at()->set_seconds(1LL << 60);
  EXPECT_EQ(printer.Print(0, response).code(), absl::StatusCode::kInternal);
}

TEST_F(PrinterTest, PrintsMentionsWithOutOfRangeTimes) {
  Printer printer = Make(/*terminal=*/false);
  SubscribeResponse response = AMention();
  for (const int64_t seconds :
       {std::numeric_limits<int64_t>::min(),
        std::numeric_limits<int64_t>::max(), int64_t{0}}) {
    response.mutable_mention()->mutable_created_at()->set_seconds(seconds);
    EXPECT_TRUE(printer.Print(0, response).ok());
  }
}

}  // namespace
}  // namespace mentiond::terminal
