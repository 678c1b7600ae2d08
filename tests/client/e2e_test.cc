// Runs the real client against a scripted server: its output and exit codes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "tests/client/responses.h"
#include "tests/client/scripted_server.h"
#include "tests/subprocess.h"
#include "tests/temp_directory.h"

namespace mentiond {
namespace {

using ::mentions::v1::SubscribeResponse;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Stream = Subprocess::Stream;

constexpr absl::Duration kPatience = absl::Seconds(20);
const std::map<std::string, std::string> kTokenInEnvironment = {
    {"GITHUB_TOKEN", "ghp_secret"}};
const grpc::Status kGone(grpc::StatusCode::NOT_FOUND, "no");

absl::Time Soon() { return absl::Now() + kPatience; }

SubscribeResponse OldMention(int64_t number, const std::string& body) {
  return AMention(number, body, absl::Now() - absl::Hours(50));
}

class ClientTest : public testing::Test {
 protected:
  // Starts the client for o/r and @octocat, with additional arguments.
  std::unique_ptr<Subprocess> Start(
      const std::vector<std::string>& more = {},
      const std::map<std::string, std::string>& env = {}) {
    return Started(Subprocess::Start(Arguments(more), env));
  }
  static std::unique_ptr<Subprocess> Started(
      absl::StatusOr<std::unique_ptr<Subprocess>> started) {
    EXPECT_TRUE(started.ok()) << started.status();
    return started.ok() ? *std::move(started) : nullptr;
  }
  std::vector<std::string> Arguments(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {
        "client/mentions", absl::StrCat("--server=", server_.address()),
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
  // The next line, or why there is none.
  static std::string Line(Subprocess& program,
                          Stream stream = Stream::kStdout) {
    const auto read = program.ReadLine(stream, Soon());
    return read.ok() ? *read : read.status().ToString();
  }
  // The unread output of the client, or the error if it cannot be read.
  static std::string Rest(Subprocess& program, Stream stream) {
    const auto rest = program.ReadAll(stream, Soon());
    return rest.ok() ? *rest : rest.status().ToString();
  }
  static void ExpectEnd(Subprocess& program, int code,
                        const testing::Matcher<std::string>& errors) {
    const auto end = program.Wait(Soon());
    ASSERT_TRUE(end.ok()) << end.status();
    EXPECT_EQ(end->signal, 0);
    EXPECT_EQ(end->code, code);
    EXPECT_THAT(Rest(program, Stream::kStderr), errors);
  }

  const TempDirectory directory_;
  ScriptedServer server_;
};

TEST_F(ClientTest, SendsItsOptionsInTheRequest) {
  auto program = Start(
      {"--since=2024-05-01T00:00:00Z", "--source=review,issue",
       "--history=search", "--skip_bots", "--skip_author=mona,renovate[bot]"},
      kTokenInEnvironment);
  const auto stream = Opened();
  EXPECT_EQ(stream->authorization(), "Bearer ghp_secret");
  EXPECT_EQ(stream->request().ShortDebugString(),
            R"(repo: "o/r" user: "octocat" since { seconds: 1714521600 } )"
            R"(sources: SOURCE_REVIEW sources: SOURCE_ISSUE )"
            R"(history: HISTORY_SEARCH skip_bots: true )"
            R"(skip_authors: "mona" skip_authors: "renovate[bot]")");
  program = Start({"--skip_self"});
  EXPECT_EQ(Opened()->request().ShortDebugString(),
            R"(repo: "o/r" user: "octocat" skip_self: true)");
}

TEST_F(ClientTest, PrintsAtOnceAndWithoutEscapeSequencesToAPipe) {
  auto program = Start();
  auto stream = Opened();
  stream->Send(OldMention(1, "Hi @octocat, \x1b[2Jlook"));
  EXPECT_EQ(Line(*program), "alice commented on pull request #1 · 2 days ago");
  EXPECT_EQ(Line(*program), "  Hi @octocat, ␛[2Jlook");
  EXPECT_EQ(Line(*program), "  https://github.com/o/r/pull/1");
  EXPECT_EQ(Line(*program), "");
  stream->Send(Synced());
  EXPECT_EQ(Line(*program, Stream::kStderr),
            "live, waiting for new mentions (1 mention so far)");
  program = Start({"--format=json"});
  Opened()->Send(Synced());
  EXPECT_EQ(Line(*program), R"({"synced":{}})");
}

TEST_F(ClientTest, ExplainsTheStatusAndFails) {
  // The stream may end before or after the server has accepted it.
  for (const bool accepted : {true, false}) {
    if (!accepted) server_.Reject(kGone);
    auto program = Start({}, kTokenInEnvironment);
    if (accepted) Opened()->End(kGone);
    ExpectEnd(
        *program, 1,
        AllOf(testing::StartsWith("mentions: The repository o/r does"),
              HasSubstr("The server says: no"), Not(HasSubstr("ghp_secret"))));
  }
}

TEST_F(ClientTest, SaysWhyItDoesNotRun) {
  server_.Die();
  const std::string file = directory_ / "file";
  std::ofstream(file) << "# two\n# lines\n";
  const struct {
    std::vector<std::string> arguments;
    int code;
    std::string why;
  } cases[] = {
      {{},
       1,
       absl::StrCat("mentions: Cannot connect to ", server_.address(),
                    ": is mentiond running there?")},
      {{"--bogus"}, 2, "Try 'mentions --help'"},
      {{"--token_command=exit 3"},
       1,
       "mentions: the token command failed with exit code 3\n"},
      {{"--resume_file=" + file}, 1, "does not contain resume tokens"},
      {{"--tls", "--tls_ca=/no/file"}, 1, "/no/file"},
  };
  for (const auto& [arguments, code, why] : cases) {
    auto program = Start(arguments, kTokenInEnvironment);
    ExpectEnd(*program, code,
              AllOf(HasSubstr(why), Not(HasSubstr("not encrypted")),
                    Not(HasSubstr("ghp_secret"))));
    EXPECT_EQ(Rest(*program, Stream::kStdout), "");
  }
  // An address of the local machine, but not a loopback one: others could read
  // the token on its way.
  auto program = Started(Subprocess::Start(
      {"client/mentions", "--server=0.0.0.0:1", "--user=octocat", "o/r"},
      kTokenInEnvironment));
  ExpectEnd(*program, 1, HasSubstr("not encrypted"));
}

TEST_F(ClientTest, ExitsCleanlyOnSignals) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    auto program = Start();
    auto stream = Opened();
    stream->Send(Synced());
    EXPECT_THAT(Line(*program, Stream::kStderr), HasSubstr("live"));
    ASSERT_TRUE(program->Signal(signal).ok());
    ExpectEnd(*program, 0, "");
    // The client cancels the call; the server need not wait for a timeout.
    EXPECT_TRUE(stream->WaitUntilGone(kPatience));
  }
}

TEST_F(ClientTest, ExitsQuietlyWhenItsOutputIsClosed) {
  // As in `mentions ... | head -1`: the reader exits while no events arrive,
  // or while the client is still writing.
  for (const int mentions : {1, 2000}) {
    auto program = Start();
    auto stream = Opened();
    for (int i = 0; i < mentions; ++i) {
      stream->Send(OldMention(i, "@octocat"));
    }
    EXPECT_THAT(Line(*program), HasSubstr("alice commented"));
    program->Close(Stream::kStdout);
    ExpectEnd(*program, 0, "");
    EXPECT_TRUE(stream->WaitUntilGone(kPatience));
  }
}

// Shows: `mentions --resume_file`, for several repositories
TEST_F(ClientTest, FollowsSeveralRepositoriesAndResumesThemInTheNextRun) {
  const std::string resume_file = "--resume_file=" + (directory_ / "tokens");
  // Given two repositories, of which one does not exist,
  {
    auto program = Start({"o/gone", resume_file});
    auto first = Opened();
    auto second = Opened();
    if (first->request().repo() != "o/r") std::swap(first, second);
    EXPECT_EQ(second->request().repo(), "o/gone");
    second->End(kGone);
    EXPECT_THAT(Line(*program, Stream::kStderr),
                HasSubstr("mentions: o/gone: The repository o/gone does"));
    // then the other one goes on,
    first->Send(WithToken(OldMention(1, "@octocat"), "token-1"));
    first->Send(Progress(1, 0));  // without a token
    EXPECT_EQ(Line(*program),
              "alice commented on pull request o/r#1 · 2 days ago");
    EXPECT_TRUE(program->Signal(SIGINT).ok());
    // and the exit code tells that one has failed.
    ExpectEnd(*program, 1, HasSubstr("The server says: no"));
  }
  // The next run resumes it,
  auto program = Start({resume_file});
  auto stream = Opened();
  EXPECT_EQ(stream->request().resume_token(), "token-1");
  // and the one after that from where an event without output was.
  stream->Send(WithToken(Heartbeat(absl::Now()), "token-2"));
  stream->End(kGone);
  ExpectEnd(*program, 1, HasSubstr("The server says: no"));
  program = Start({resume_file});
  EXPECT_EQ(Opened()->request().resume_token(), "token-2");
}

TEST_F(ClientTest, RunsACommandForEachTokenThatItNeeds) {
  // Given a command that prints another token each time
  const std::string count = directory_ / "count";
  auto program = Start({absl::StrCat("--token_command=echo >> ", count,
                                     "; echo ghp_$(wc -l < ", count, ")")},
                       kTokenInEnvironment);
  auto stream = Opened();
  EXPECT_EQ(stream->authorization(), "Bearer ghp_1");
  // when GitHub rejects the token, then the stream continues with the next.
  stream->Send(WithToken(OldMention(1, "@octocat"), "token-1"));
  stream->End(grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "expired"));
  EXPECT_EQ(Line(*program, Stream::kStderr),
            "connection lost (expired); retrying in 1s");
  stream = Opened();
  EXPECT_EQ(stream->authorization(), "Bearer ghp_2");
  EXPECT_EQ(stream->request().resume_token(), "token-1");
}

TEST_F(ClientTest, DrawsAStatusLineOnATerminalAndClearsItOnCtrlC) {
  auto program = Started(Subprocess::StartOnTerminal(
      Arguments({}), {{"TERM", "xterm"}}, /*columns=*/80));
  const auto expect = [&program](const std::string& text) {
    const auto read = program->WaitForText(Stream::kStdout, text, Soon());
    EXPECT_TRUE(read.ok()) << read.status();
  };
  auto stream = Opened();
  expect("reading the history…");
  stream->Send(OldMention(1, "Hi @octocat"));
  // The status line is erased and drawn again below the mention.
  expect(
      "\r\x1b[K\x1b[1malice\x1b[0m commented on pull request "
      "\x1b[36m#1\x1b[0m\x1b[2m · 2 days ago\x1b[0m\r\n"
      "  Hi \x1b[1m\x1b[33m@octocat\x1b[0m\r\n"
      "  \x1b[2m\x1b]8;;https://github.com/o/r/pull/1\x1b\\");
  expect("reading the history…");
  stream->Send(Synced());
  stream->Send(Heartbeat(absl::Now() - absl::Minutes(3)));
  expect(" · polled 3 min ago");
  ASSERT_TRUE(program->Type("\x03").ok());
  ExpectEnd(*program, 0, "");
  EXPECT_THAT(Rest(*program, Stream::kStdout), testing::EndsWith("\r\x1b[K"));
}

}  // namespace
}  // namespace mentiond
