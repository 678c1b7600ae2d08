// Runs the real client against a scripted server: its output and exit codes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

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
  if (const size_t at = body.find("@octocat"); at != std::string::npos) {
    mention.add_offsets(static_cast<uint32_t>(at));
  }
  mention.set_url(absl::StrCat("https://github.com/o/r/pull/", number));
  *mention.mutable_created_at() = ToProto(absl::Now() - absl::Hours(50));
  return response;
}

class ClientTest : public testing::Test {
 protected:
  // Starts the client for o/r and @octocat, with additional arguments.
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

  // The next stream that the client opens.
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

  // The unread output of the client, or the error if it cannot be read.
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

TEST_F(ClientTest, SendsItsOptionsInTheRequest) {
  auto program =
      Start({"--since=2024-05-01T00:00:00Z", "--source=review,issue",
             "--skip_self", "--skip_bots", "--skip_author=mona,renovate[bot]"},
            {{"GITHUB_TOKEN", "ghp_secret"}});
  const auto stream = Opened();
  EXPECT_EQ(stream->authorization(), "Bearer ghp_secret");
  const auto& request = stream->request();
  EXPECT_EQ(request.repo(), "o/r");
  EXPECT_EQ(request.user(), "octocat");
  EXPECT_EQ(request.token(), "");
  EXPECT_EQ(request.resume_token(), "");
  EXPECT_EQ(FromProto(request.since()),
            absl::FromCivil(absl::CivilDay(2024, 5, 1), absl::UTCTimeZone()));
  EXPECT_TRUE(request.skip_self());
  EXPECT_TRUE(request.skip_bots());
  EXPECT_THAT(request.skip_authors(),
              testing::ElementsAre("mona", "renovate[bot]"));
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
    // Given a stream on which the client has received a resume token
    auto program = Start(arguments);
    auto stream = Opened();
    EXPECT_EQ(stream->request().history(), history);
    SubscribeResponse synced = Synced();
    synced.set_resume_token("after-synced");
    stream->Send(synced);
    // When the server ends it, then the next stream's request has both the mode
    // and the token.
    stream->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "for now"));
    const auto resumed = Opened();
    EXPECT_EQ(resumed->request().resume_token(), "after-synced");
    EXPECT_EQ(resumed->request().history(), history);
    EXPECT_TRUE(program->Signal(SIGINT).ok());
    ExpectEnd(*program, 0);
  }
}

TEST_F(ClientTest, WarnsOfAnIncompleteHistory) {
  auto program = Start();
  SubscribeResponse synced = Synced();
  synced.mutable_synced()->add_gaps(::mentions::v1::GAP_ANONYMOUS);
  Opened()->Send(synced);
  EXPECT_EQ(*program->ReadLine(Stream::kStderr, Soon()),
            "live, waiting for new mentions (no mentions so far)");
  EXPECT_EQ(*program->ReadLine(Stream::kStderr, Soon()),
            "history is incomplete: without a token, reviews and edits of "
            "descriptions are missing; set GITHUB_TOKEN");
}

TEST_F(ClientTest, PrintsExistingAndNewMentionsAsText) {
  // Given a stream whose history contains one mention,
  auto program = Start();
  auto stream = Opened();
  stream->Send(Progress(1, 2));
  stream->Send(AMention(1, "Hi @octocat, \x1b[2Jlook"));
  stream->Send(Synced());
  // then it is printed without escape sequences, because the output is a pipe,
  ExpectLine(*program, "alice commented on pull request #1 · 2 days ago");
  ExpectLine(*program, "  Hi @octocat, ␛[2Jlook");
  ExpectLine(*program, "  https://github.com/o/r/pull/1");
  ExpectLine(*program, "");
  EXPECT_EQ(*program->ReadLine(Stream::kStderr, Soon()),
            "live, waiting for new mentions (1 mention so far)");
  // and a new mention is printed immediately.
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

TEST_F(ClientTest, AcceptsBodiesLargerThanFourMebibytes) {
  auto program = Start();
  auto stream = Opened();
  stream->Send(AMention(1, "@octocat " + std::string(5 << 20, 'x')));
  ExpectLine(*program, "alice commented on pull request #1 · 2 days ago");
}

TEST_F(ClientTest, ExplainsTheStatusAndFails) {
  const struct {
    grpc::StatusCode code;
    const char* message;
  } cases[] = {
      {grpc::StatusCode::INVALID_ARGUMENT, "rejects the request as invalid"},
      {grpc::StatusCode::UNAUTHENTICATED, "GitHub rejects the token"},
      {grpc::StatusCode::PERMISSION_DENIED, "is not allowed to read o/r"},
      {grpc::StatusCode::NOT_FOUND, "The repository o/r does not exist"},
      {grpc::StatusCode::FAILED_PRECONDITION, "no longer provides o/r"},
  };
  for (const auto& [code, message] : cases) {
    // The stream may end before or after the server has accepted it.
    for (const bool accepted : {false, true}) {
      const grpc::Status status(code, "server message");
      server_.Reject(accepted ? grpc::Status::OK : status);
      auto program = Start({}, {{"GITHUB_TOKEN", "ghp_secret"}});
      if (accepted) Opened()->End(status);
      ExpectEnd(*program, 1);
      EXPECT_THAT(Rest(*program, Stream::kStderr),
                  AllOf(testing::StartsWith("mentions: "), HasSubstr(message),
                        HasSubstr("The server says: server message"),
                        Not(HasSubstr("ghp_secret"))));
      EXPECT_EQ(Rest(*program, Stream::kStdout), "");
    }
  }
}

TEST_F(ClientTest, NamesTheServerThatItCannotConnectTo) {
  server_.Die();
  auto program = Start();
  ExpectEnd(*program, 1);
  EXPECT_THAT(Rest(*program, Stream::kStderr),
              HasSubstr(absl::StrCat("Cannot connect to ", server_.address(),
                                     ": is mentiond running there?")));
}

TEST_F(ClientTest, ResumesAfterATransientError) {
  // Given a stream whose first mention has been printed
  auto program = Start();
  auto stream = Opened();
  ::mentions::v1::SubscribeResponse first = AMention(1, "@octocat one");
  first.set_resume_token("after-one");
  stream->Send(first);
  ExpectLine(*program, "alice commented on pull request #1 · 2 days ago");

  // When the server shuts down, is full, or ends the stream without an error,
  for (const grpc::StatusCode code :
       {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::RESOURCE_EXHAUSTED,
        grpc::StatusCode::OK}) {
    stream->End(grpc::Status(code, "for now"));
    // then the client reports it and resumes after that mention.
    const auto note = program->ReadLine(Stream::kStderr, Soon());
    ASSERT_TRUE(note.ok()) << note.status();
    EXPECT_THAT(*note, HasSubstr("retrying in"));
    stream = Opened();
    EXPECT_EQ(stream->request().resume_token(), "after-one");
  }
  EXPECT_TRUE(program->Signal(SIGINT).ok());
  ExpectEnd(*program, 0);
}

TEST_F(ClientTest, ExitsCleanlyOnSignals) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    auto program = Start();
    auto stream = Opened();
    stream->Send(Synced());
    ASSERT_TRUE(program->ReadLine(Stream::kStderr, Soon()).ok());
    ASSERT_TRUE(program->Signal(signal).ok());
    ExpectEnd(*program, 0);
    EXPECT_EQ(Rest(*program, Stream::kStderr), "");
    // The client cancels the call; the server need not wait for a timeout.
    EXPECT_TRUE(stream->WaitUntilGone(kPatience));
  }
}

TEST_F(ClientTest, ExitsQuietlyWhenItsOutputIsClosed) {
  // As in `mentions ... | head -1`: the reader exits while no events arrive,
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
  // or while the client is still writing.
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

TEST_F(ClientTest, ReportsAMessageThatCannotBeParsed) {
  // A string field that is not valid UTF-8.
  auto program = Start();
  Opened()->Send(AMention(1, "\xff"));
  ExpectEnd(*program, 1);
  EXPECT_THAT(Rest(*program, Stream::kStderr),
              HasSubstr("cannot parse a message from the server"));
}

TEST_F(ClientTest, SavesTheResumeTokenForTheNextRun) {
  const std::string path = testing::TempDir() + "/resume_token";
  std::filesystem::remove(path);
  // Given a run in which all events but the last have resume tokens,
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
  // then the next run resumes from the last token.
  auto program = Start({"--resume_file=" + path});
  EXPECT_EQ(Opened()->request().resume_token(), "token-2");
}

TEST_F(ClientTest, FollowsSeveralRepositories) {
  const std::string path = testing::TempDir() + "/resume_tokens";
  std::filesystem::remove(path);
  // Given two repositories, of which one does not exist,
  {
    auto program = Start({"o/gone", "--resume_file=" + path});
    auto first = Opened();
    auto second = Opened();
    if (first->request().repo() != "o/r") std::swap(first, second);
    EXPECT_EQ(second->request().repo(), "o/gone");
    second->End(grpc::Status(grpc::StatusCode::NOT_FOUND, "no"));
    const auto why = program->ReadLine(Stream::kStderr, Soon());
    EXPECT_THAT(*why,
                HasSubstr("mentions: o/gone: The repository o/gone does"));
    // then the other one goes on,
    SubscribeResponse mention = AMention(1, "@octocat");
    mention.set_resume_token("token-1");
    first->Send(mention);
    ExpectLine(*program, "alice commented on pull request o/r#1 · 2 days ago");
    EXPECT_TRUE(program->Signal(SIGINT).ok());
    // and the exit code tells that one has failed.
    ExpectEnd(*program, 1);
  }
  // The next run resumes it.
  auto program = Start({"--resume_file=" + path});
  EXPECT_EQ(Opened()->request().resume_token(), "token-1");
}

TEST_F(ClientTest, RunsACommandForEachTokenThatItNeeds) {
  const std::string count = testing::TempDir() + "/count";
  std::filesystem::remove(count);
  // Given a command that prints another token each time
  auto program = Start({absl::StrCat("--token_command=echo >> ", count,
                                     "; echo ghp_$(wc -l < ", count, ")")},
                       {{"GITHUB_TOKEN", "ghp_unused"}});
  auto stream = Opened();
  EXPECT_EQ(stream->authorization(), "Bearer ghp_1");
  SubscribeResponse mention = AMention(1, "@octocat");
  mention.set_resume_token("token-1");
  stream->Send(mention);
  // when GitHub rejects the token, then the stream continues with the next.
  stream->End(grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "expired"));
  stream = Opened();
  EXPECT_EQ(stream->authorization(), "Bearer ghp_2");
  EXPECT_EQ(stream->request().resume_token(), "token-1");
}

TEST_F(ClientTest, ReportsATokenCommandThatFails) {
  auto program = Start({"--token_command=exit 3"});
  ExpectEnd(*program, 1);
  EXPECT_EQ(Rest(*program, Stream::kStderr),
            "mentions: the token command failed with exit code 3\n");
}

TEST_F(ClientTest, DoesNotOverwriteAFileThatIsNotAResumeFile) {
  const std::string path = testing::TempDir() + "/no_token";
  std::ofstream(path) << "# two\n# lines\n";
  auto program = Start({"--resume_file=" + path});
  ExpectEnd(*program, 1);
  EXPECT_THAT(Rest(*program, Stream::kStderr),
              HasSubstr("does not contain resume tokens"));
}

TEST_F(ClientTest, ExitsWithCodeTwoOnAUsageError) {
  auto program = Start({"--bogus"});
  ExpectEnd(*program, 2);
  EXPECT_THAT(Rest(*program, Stream::kStderr), HasSubstr("--help"));
  EXPECT_EQ(Rest(*program, Stream::kStdout), "");
}

TEST_F(ClientTest, DrawsAStatusLineOnATerminalAndClearsItOnCtrlC) {
  auto program = StartOnTerminal();
  auto stream = Opened();
  EXPECT_TRUE(
      program->WaitForText(Stream::kStdout, "reading the history…", Soon())
          .ok());
  stream->Send(Progress(1, 2));
  EXPECT_TRUE(
      program->WaitForText(Stream::kStdout, "50% (1 of 2 pages)", Soon()).ok());
  stream->Send(AMention(1, "Hi @octocat"));
  // The status line is erased and drawn again below the mention.
  const auto shown = program->WaitForText(Stream::kStdout, "1 mention", Soon());
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_THAT(
      *shown,
      HasSubstr("\r\x1b[K\x1b[1malice\x1b[0m commented on pull request "
                "\x1b[36m#1\x1b[0m\x1b[2m · 2 days ago\x1b[0m\r\n"
                "  Hi \x1b[1m\x1b[33m@octocat\x1b[0m\r\n"
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

TEST_F(ClientTest, WarnsIfTheTokenIsSentUnencrypted) {
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
  // An address of the local machine, but not a loopback one.
  EXPECT_THAT(errors("0.0.0.0:1"), HasSubstr(warning));
}

}  // namespace
}  // namespace mentiond
