// The real program against a scripted server: what it prints, and how it ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "client/subscription.h"
#include "lib/base/proto_time.h"
#include "tests/client/scripted_server.h"
#include "tests/subprocess.h"

namespace mentiond {
namespace {

using ::mentions::v1::SubscribeResponse;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Stream = Subprocess::Stream;

constexpr char kProgram[] = "client/mentions";
constexpr absl::Duration kPatience = absl::Seconds(20);

absl::Time Soon() { return absl::Now() + kPatience; }

SubscribeResponse Progress(uint32_t done, uint32_t total) {
  SubscribeResponse response;
  response.mutable_sync_progress()->set_pages_done(done);
  response.mutable_sync_progress()->set_pages_total(total);
  return response;
}

SubscribeResponse Synced() {
  SubscribeResponse response;
  response.mutable_synced();
  return response;
}

SubscribeResponse AMention(int64_t number, const std::string& body) {
  SubscribeResponse response;
  auto& mention = *response.mutable_mention();
  mention.set_source(::mentions::v1::SOURCE_PULL_REQUEST_COMMENT);
  mention.set_id(number);
  mention.set_pull_request(number);
  mention.set_author("alice");
  mention.set_body(body);
  mention.set_url(absl::StrCat("https://github.com/o/r/pull/", number));
  *mention.mutable_created_at() = ToProto(absl::Now() - absl::Hours(50));
  return response;
}

class ClientTest : public testing::Test {
 protected:
  // Starts the program for o/r and @octocat, with `more` arguments.
  std::unique_ptr<Subprocess> Start(
      const std::vector<std::string>& more = {},
      const std::map<std::string, std::string>& env = {}) {
    auto started = Subprocess::Start(Arguments(more), env);
    EXPECT_TRUE(started.ok()) << started.status();
    return started.ok() ? *std::move(started) : nullptr;
  }

  std::unique_ptr<Subprocess> StartOnTerminal(
      const std::vector<std::string>& more = {}) {
    auto started = Subprocess::StartOnTerminal(
        Arguments(more), {{"TERM", "xterm"}}, /*columns=*/80);
    EXPECT_TRUE(started.ok()) << started.status();
    return started.ok() ? *std::move(started) : nullptr;
  }

  std::vector<std::string> Arguments(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {
        kProgram, absl::StrCat("--server=", server_.address()),
        "--user=octocat", "o/r"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  // The stream that the program opened.
  std::shared_ptr<ScriptedStream> Opened() {
    auto stream = server_.NextStream(kPatience);
    EXPECT_NE(stream, nullptr);
    return stream;
  }

  static void ExpectLine(Subprocess& program, const std::string& line) {
    const auto read = program.ReadLine(Stream::kStdout, Soon());
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, line);
  }

  // What a stream still holds; an error's words where it cannot be read.
  static std::string Rest(Subprocess& program, Stream stream) {
    const auto rest = program.ReadAll(stream, Soon());
    return rest.ok() ? *rest : rest.status().ToString();
  }

  static void ExpectEnd(Subprocess& program, int code) {
    const auto end = program.Wait(Soon());
    ASSERT_TRUE(end.ok()) << end.status();
    EXPECT_EQ(end->signal, 0);
    EXPECT_EQ(end->code, code);
  }

  ScriptedServer server_;
};

TEST_F(ClientTest, AsksForWhatItWasToldTo) {
  auto program =
      Start({"--since=2024-05-01T00:00:00Z", "--source=review,issue"},
            {{"GITHUB_TOKEN", "ghp_secret"}});
  const auto& request = Opened()->request();
  EXPECT_EQ(request.repo(), "o/r");
  EXPECT_EQ(request.user(), "octocat");
  EXPECT_EQ(request.token(), "ghp_secret");
  EXPECT_EQ(request.resume_token(), "");
  EXPECT_EQ(FromProto(request.since()),
            absl::FromCivil(absl::CivilDay(2024, 5, 1), absl::UTCTimeZone()));
  EXPECT_THAT(request.sources(),
              testing::ElementsAre(::mentions::v1::SOURCE_REVIEW,
                                   ::mentions::v1::SOURCE_ISSUE));
}

TEST_F(ClientTest, SendsTheHistoryModeOnEveryStream) {
  const struct {
    std::vector<std::string> arguments;
    ::mentions::v1::History history;
  } cases[] = {
      {{}, ::mentions::v1::HISTORY_UNSPECIFIED},
      {{"--history=complete"}, ::mentions::v1::HISTORY_COMPLETE},
      {{"--history=search"}, ::mentions::v1::HISTORY_SEARCH},
      {{"--history=none"}, ::mentions::v1::HISTORY_NONE},
  };
  for (const auto& [arguments, history] : cases) {
    // Given a stream on which a resume token has arrived
    auto program = Start(arguments);
    auto stream = Opened();
    EXPECT_EQ(stream->request().history(), history);
    SubscribeResponse synced = Synced();
    synced.set_resume_token("after-synced");
    stream->Send(synced);
    // When it breaks, then the next stream has the mode as well as the token.
    stream->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "for now"));
    const auto resumed = Opened();
    EXPECT_EQ(resumed->request().resume_token(), "after-synced");
    EXPECT_EQ(resumed->request().history(), history);
    EXPECT_TRUE(program->Signal(SIGINT).ok());
    ExpectEnd(*program, 0);
  }
}

TEST_F(ClientTest, SaysWhatTheHistoryLacks) {
  auto program = Start();
  SubscribeResponse synced = Synced();
  synced.mutable_synced()->add_gaps(::mentions::v1::GAP_ANONYMOUS);
  Opened()->Send(synced);
  EXPECT_EQ(*program->ReadLine(Stream::kStderr, Soon()),
            "live, waiting for new mentions (no mentions until now)");
  EXPECT_EQ(*program->ReadLine(Stream::kStderr, Soon()),
            "history is incomplete: without a token, reviews and edits of "
            "descriptions are missing; set GITHUB_TOKEN");
}

TEST_F(ClientTest, PrintsTheHistoryAndWhatComesAsText) {
  // Given a stream that reads its history and finds one mention,
  auto program = Start();
  auto stream = Opened();
  stream->Send(Progress(1, 2));
  stream->Send(AMention(1, "Hi @octocat, \x1b[2Jlook"));
  stream->Send(Synced());
  // then it is printed without escape sequences, as this is no terminal,
  ExpectLine(*program, "alice commented on pull request #1 · 2 days ago");
  ExpectLine(*program, "  Hi @octocat, ␛[2Jlook");
  ExpectLine(*program, "  https://github.com/o/r/pull/1");
  ExpectLine(*program, "");
  EXPECT_EQ(*program->ReadLine(Stream::kStderr, Soon()),
            "live, waiting for new mentions (1 mention until now)");
  // and when another one comes, it is printed at once.
  stream->Send(AMention(2, "@octocat"));
  ExpectLine(*program, "alice commented on pull request #2 · 2 days ago");
}

TEST_F(ClientTest, PrintsEventsAsJsonLines) {
  auto program = Start({"--format=json"});
  auto stream = Opened();
  stream->Send(Progress(1, 2));
  ExpectLine(*program, R"({"syncProgress":{"pagesDone":1,"pagesTotal":2}})");
  SubscribeResponse mention = AMention(7, "a\nb");
  mention.mutable_mention()->clear_created_at();
  stream->Send(mention);
  ExpectLine(*program,
             R"({"mention":{"source":"SOURCE_PULL_REQUEST_COMMENT","id":"7",)"
             R"("pullRequest":"7","author":"alice","body":"a\nb",)"
             R"("url":"https://github.com/o/r/pull/7"}})");
  stream->Send(Synced());
  ExpectLine(*program, R"({"synced":{}})");
}

TEST_F(ClientTest, TakesBodiesBeyondFourMebibytes) {
  auto program = Start();
  auto stream = Opened();
  stream->Send(AMention(1, "@octocat " + std::string(5 << 20, 'x')));
  ExpectLine(*program, "alice commented on pull request #1 · 2 days ago");
}

TEST_F(ClientTest, AStatusIsSaidInWordsAndFailsTheProgram) {
  const struct {
    grpc::StatusCode code;
    const char* words;
  } cases[] = {
      {grpc::StatusCode::INVALID_ARGUMENT, "does not accept what it was asked"},
      {grpc::StatusCode::UNAUTHENTICATED, "does not accept the token"},
      {grpc::StatusCode::PERMISSION_DENIED, "may not read o/r"},
      {grpc::StatusCode::NOT_FOUND, "no repository o/r"},
      {grpc::StatusCode::FAILED_PRECONDITION, "no longer gives out o/r"},
  };
  for (const auto& [code, words] : cases) {
    // A refusal before and one after the stream was accepted are the same.
    for (const bool accepted : {false, true}) {
      const grpc::Status status(code, "its own words");
      server_.Refuse(accepted ? grpc::Status::OK : status);
      auto program = Start({}, {{"GITHUB_TOKEN", "ghp_secret"}});
      if (accepted) Opened()->End(status);
      ExpectEnd(*program, 1);
      EXPECT_THAT(Rest(*program, Stream::kStderr),
                  AllOf(testing::StartsWith("mentions: "), HasSubstr(words),
                        HasSubstr("The server says: its own words"),
                        Not(HasSubstr("ghp_secret"))));
      EXPECT_EQ(Rest(*program, Stream::kStdout), "");
    }
  }
}

TEST_F(ClientTest, AServerThatIsNotThereIsNamed) {
  server_.Die();
  auto program = Start();
  ExpectEnd(*program, 1);
  EXPECT_THAT(Rest(*program, Stream::kStderr),
              HasSubstr(absl::StrCat("Cannot reach ", server_.address(),
                                     ": is mentiond running there?")));
}

TEST_F(ClientTest, WhatPassesIsTriedAgainFromWhereItWas) {
  // Given a stream of which one mention has been printed
  auto program = Start();
  auto stream = Opened();
  ::mentions::v1::SubscribeResponse first = AMention(1, "@octocat one");
  first.set_resume_token("after-one");
  stream->Send(first);
  ExpectLine(*program, "alice commented on pull request #1 · 2 days ago");

  // When the server drains, is full, or just ends it,
  for (const grpc::StatusCode code :
       {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::RESOURCE_EXHAUSTED,
        grpc::StatusCode::OK}) {
    stream->End(grpc::Status(code, "for now"));
    // then the program says so and goes on behind it.
    const auto note = program->ReadLine(Stream::kStderr, Soon());
    ASSERT_TRUE(note.ok()) << note.status();
    EXPECT_THAT(*note, HasSubstr("trying again in"));
    stream = Opened();
    EXPECT_EQ(stream->request().resume_token(), "after-one");
  }
  EXPECT_TRUE(program->Signal(SIGINT).ok());
  ExpectEnd(*program, 0);
}

TEST_F(ClientTest, AServerThatHasFallenSilentIsTakenForDead) {
  // Given a heartbeat that promises the next within a moment
  struct Quiet : SubscriptionListener {
    void OnConnected(std::string_view) override {}
    absl::Status OnEvent(const ::mentions::v1::SubscribeResponse&) override {
      return absl::OkStatus();
    }
    void OnDisconnected(const absl::Status& reason, absl::Duration) override {
      words = std::string(reason.message());
    }
    std::string words;
  } quiet;
  ::mentions::v1::SubscribeRequest request;
  request.set_repo("o/r");
  Subscription subscription({.server = server_.address(),
                             .request = request,
                             .reconnect = {.initial = absl::Milliseconds(1),
                                           .cap = absl::Milliseconds(1)},
                             .heartbeat_grace = absl::Milliseconds(200)});
  subscription.Start(quiet);
  ::mentions::v1::SubscribeResponse beat;
  beat.mutable_heartbeat()->mutable_polled_at()->set_seconds(1000);
  beat.mutable_heartbeat()->mutable_next_poll_at()->set_seconds(1000);
  beat.set_resume_token("after-beat");
  auto silent = Opened();
  silent->Send(beat);

  // When nothing follows, then it opens another stream.
  auto mute = Opened();
  EXPECT_EQ(mute->request().resume_token(), "after-beat");
  EXPECT_TRUE(silent->WaitUntilGone(kPatience));
  // And another, when that one says nothing from its beginning.
  EXPECT_EQ(Opened()->request().resume_token(), "after-beat");
  EXPECT_TRUE(mute->WaitUntilGone(kPatience));
  subscription.Cancel();
  EXPECT_EQ(subscription.Join().by, SubscriptionEnd::By::kCancel);
  EXPECT_THAT(quiet.words, HasSubstr("silent"));
}

TEST_F(ClientTest, SilenceIsMeasuredByTheInjectedClock) {
  // Given a clock by which half an hour passes whenever it is read
  struct Listener : SubscriptionListener {
    void OnConnected(std::string_view) override {}
    absl::Status OnEvent(const ::mentions::v1::SubscribeResponse&) override {
      return absl::OkStatus();
    }
  } listener;
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  std::atomic<int> readings = 0;
  ::mentions::v1::SubscribeRequest request;
  request.set_repo("o/r");
  Subscription subscription(
      {.server = server_.address(),
       .request = request,
       .reconnect = {.initial = absl::Milliseconds(1),
                     .cap = absl::Milliseconds(1)},
       .heartbeat_grace = absl::Hours(1),
       .now = [&] { return start + ++readings * absl::Minutes(31); }});
  subscription.Start(listener);
  ::mentions::v1::SubscribeResponse heartbeat;
  *heartbeat.mutable_heartbeat()->mutable_polled_at() = ToProto(start);
  *heartbeat.mutable_heartbeat()->mutable_next_poll_at() = ToProto(start);
  heartbeat.set_resume_token("after-heartbeat");
  auto silent = Opened();
  silent->Send(heartbeat);
  // When nothing follows the heartbeat for an hour by that clock, then the
  // client opens another stream.
  EXPECT_EQ(Opened()->request().resume_token(), "after-heartbeat");
  EXPECT_TRUE(silent->WaitUntilGone(kPatience));
  subscription.Cancel();
  subscription.Join();
}

TEST_F(ClientTest, SignalsEndItCleanly) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    auto program = Start();
    auto stream = Opened();
    stream->Send(Synced());
    ASSERT_TRUE(program->ReadLine(Stream::kStderr, Soon()).ok());
    ASSERT_TRUE(program->Signal(signal).ok());
    ExpectEnd(*program, 0);
    EXPECT_EQ(Rest(*program, Stream::kStderr), "");
    // The server is told; it need not find out.
    EXPECT_TRUE(stream->WaitUntilGone(kPatience));
  }
}

TEST_F(ClientTest, AClosedOutputEndsItQuietly) {
  // As `mentions | head -1`: the reader goes while nothing more is to come,
  {
    auto program = Start();
    auto stream = Opened();
    stream->Send(AMention(1, "@octocat"));
    ExpectLine(*program, "alice commented on pull request #1 · 2 days ago");
    program->Close(Stream::kStdout);
    ExpectEnd(*program, 0);
    EXPECT_EQ(Rest(*program, Stream::kStderr), "");
    EXPECT_TRUE(stream->WaitUntilGone(kPatience));
  }
  // or while more comes than it wants.
  {
    auto program = Start();
    auto stream = Opened();
    for (int i = 0; i < 2000; ++i) stream->Send(AMention(i, "@octocat"));
    ExpectLine(*program, "alice commented on pull request #0 · 2 days ago");
    program->Close(Stream::kStdout);
    ExpectEnd(*program, 0);
    EXPECT_EQ(Rest(*program, Stream::kStderr), "");
  }
}

TEST_F(ClientTest, WhatCannotBeReadEndsTheStreamWithWords) {
  // Bytes that are no UTF-8 in a field that must be.
  auto program = Start();
  Opened()->Send(AMention(1, "\xff"));
  ExpectEnd(*program, 1);
  EXPECT_THAT(Rest(*program, Stream::kStderr),
              HasSubstr("a message of the server cannot be read"));
}

TEST_F(ClientTest, KeepsTheResumeTokenForTheNextRun) {
  const std::string path = testing::TempDir() + "/resume_token";
  std::filesystem::remove(path);
  // Given a run in which two events carry tokens and the last one does not,
  {
    auto program = Start({"--resume_file=" + path});
    auto stream = Opened();
    EXPECT_EQ(stream->request().resume_token(), "");
    SubscribeResponse first = AMention(1, "@octocat");
    first.set_resume_token("token-1");
    SubscribeResponse second = AMention(2, "@octocat");
    second.set_resume_token("token-2");
    stream->Send(first);
    stream->Send(second);
    stream->Send(Synced());
    stream->End(grpc::Status(grpc::StatusCode::NOT_FOUND, "gone"));
    ExpectEnd(*program, 1);
  }
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "token-2\n");
  // then the next run goes on from the last token.
  auto program = Start({"--resume_file=" + path});
  EXPECT_EQ(Opened()->request().resume_token(), "token-2");
}

TEST_F(ClientTest, AResumeFileOfSomethingElseIsLeftAlone) {
  const std::string path = testing::TempDir() + "/no_token";
  std::ofstream(path) << "two\nlines\n";
  auto program = Start({"--resume_file=" + path});
  ExpectEnd(*program, 1);
  EXPECT_THAT(Rest(*program, Stream::kStderr),
              HasSubstr("holds no resume token"));
}

TEST_F(ClientTest, WrongUsageIsCodeTwo) {
  auto program = Start({"--bogus"});
  ExpectEnd(*program, 2);
  EXPECT_THAT(Rest(*program, Stream::kStderr), HasSubstr("--help"));
  EXPECT_EQ(Rest(*program, Stream::kStdout), "");
}

TEST_F(ClientTest, OnATerminalItDrawsAndCtrlCCleansUp) {
  auto program = StartOnTerminal();
  auto stream = Opened();
  EXPECT_TRUE(
      program->WaitForText(Stream::kStdout, "reading the history…", Soon())
          .ok());
  stream->Send(Progress(1, 2));
  EXPECT_TRUE(
      program->WaitForText(Stream::kStdout, "50% (1 of 2 pages)", Soon()).ok());
  stream->Send(AMention(1, "Hi @octocat"));
  // The bar makes room, and comes again below.
  const auto shown = program->WaitForText(Stream::kStdout, "1 mention", Soon());
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_THAT(
      *shown,
      HasSubstr("\r\x1b[K\x1b[1malice\x1b[0m commented on pull request "
                "\x1b[36m#1\x1b[0m\x1b[2m · 2 days ago\x1b[0m\r\n"
                "  Hi \x1b[1;33m@octocat\x1b[0m\r\n"
                "  \x1b[2m\x1b]8;;https://github.com/o/r/pull/1\x1b\\"));
  SubscribeResponse heartbeat;
  *heartbeat.mutable_heartbeat()->mutable_polled_at() =
      ToProto(absl::Now() - absl::Minutes(3));
  stream->Send(Synced());
  stream->Send(heartbeat);
  EXPECT_TRUE(
      program->WaitForText(Stream::kStdout, "polled 3 min ago", Soon()).ok());
  ASSERT_TRUE(program->Type("\x03").ok());
  ExpectEnd(*program, 0);
  EXPECT_THAT(Rest(*program, Stream::kStdout), testing::EndsWith("\r\x1b[K"));
}

TEST_F(ClientTest, ItSaysWhenTheTokenTravelsInTheClear) {
  const std::string warning = "not encrypted";
  const auto errors = [this](const std::string& server) {
    auto started = Subprocess::Start(
        {kProgram, "--server=" + server, "--user=octocat", "o/r"},
        {{"GITHUB_TOKEN", "ghp_secret"}});
    ExpectEnd(**started, 1);
    return Rest(**started, Stream::kStderr);
  };
  server_.Die();
  EXPECT_THAT(errors(server_.address()), Not(HasSubstr(warning)));
  // An address that this host has too, but not by the loopback's name.
  EXPECT_THAT(errors("0.0.0.0:1"), HasSubstr(warning));
}

}  // namespace
}  // namespace mentiond
