// The subscribers in other languages that client/examples shows: that they run,
// and do what docs/clients.md says a client has to do.

#include <pwd.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "proto/google/rpc/error_details.pb.h"
#include "tests/client/scripted_server.h"
#include "tests/e2e/service.h"
#include "tests/find_program.h"

namespace mentiond {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

// How to start an example; or why it cannot be started here.
struct Example {
  std::vector<std::string> command;
  // The same with a second, instead of two minutes, as the longest silence.
  std::vector<std::string> impatient;
  std::map<std::string, std::string> env;
  std::string missing;
};

// Runs a program to its end; what it says if it does not succeed.
std::string Failure(const std::vector<std::string>& command,
                    const std::map<std::string, std::string>& env = {}) {
  // Go's compiler takes a minute the first time; more on a loaded machine.
  const absl::Time deadline = absl::Now() + absl::Minutes(10);
  auto process = Subprocess::Start(command, env);
  if (!process.ok()) return process.status().ToString();
  const auto exit = (*process)->Wait(deadline);
  if (exit.ok() && exit->code == 0) return "";
  return (*process)
      ->ReadAll(Subprocess::Stream::kStderr, deadline)
      .value_or("it takes too long");
}

Example Python() {
  // Debian's: other interpreters do not have Debian's packages.
  constexpr char kPython[] = "/usr/bin/python3";
  Example python = {
      .command = {kPython, "client/examples/python/subscriber.py"},
      .impatient = {kPython, "-c",
                    "import subscriber, sys; subscriber.MAX_SILENCE = 1; "
                    "subscriber.main(*sys.argv[1:])"},
      .env = {
          {"PYTHONPATH", "client/examples/python:client/examples/python/stubs"},
          {"PYTHONDONTWRITEBYTECODE", "1"}}};
  if (!Failure({kPython, "-c", "import grpc"}).empty()) {
    python.missing = "python3-grpcio is not installed";
  }
  return python;
}

// Builds it, with the caches of the user who runs the tests. `go run` also
// keeps the linked program there, whose path without -trimpath is a part of it;
// all that it then runs is `cp`.
Example Go() {
  constexpr char kFolder[] = "client/examples/go";
  const std::string go = FindProgram("go", {"/usr/local/go/bin"});
  if (go.empty()) return {.missing = "Go is not installed"};
  const passwd* user = getpwuid(getuid());
  const std::map<std::string, std::string> env = {
      {"HOME", user != nullptr ? user->pw_dir : "/"},
      {"PATH", "/usr/bin:/bin"},
      {"GOTOOLCHAIN", "local"}};
  if (const std::string failure =
          Failure({go, "mod", "download", "-C", kFolder}, env);
      !failure.empty()) {
    return {.missing = absl::StrCat(
                "Go's modules cannot be downloaded, or this Go is too old: ",
                failure)};
  }
  // A copy of the folder whose program has another constant.
  namespace fs = std::filesystem;
  const std::string folder = testing::TempDir() + "/impatient";
  fs::copy(kFolder, folder, fs::copy_options::recursive);
  std::ifstream in(absl::StrCat(kFolder, "/main.go"));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(absl::StrReplaceAll(
                {{"maxSilence = 2 * time.Minute", "maxSilence = time.Second"}},
                &text),
            1);
  fs::remove(folder + "/main.go");
  std::ofstream(folder + "/main.go") << text;
  const auto build = [&](const std::string& source, const char* name) {
    const std::string program = absl::StrCat(testing::TempDir(), "/", name);
    EXPECT_EQ(Failure({go, "run", "-C", source, "-trimpath", "-exec", "/bin/cp",
                       ".", program},
                      env),
              "");
    return program;
  };
  return {.command = {build(kFolder, "subscriber")},
          .impatient = {build(folder, "impatient_subscriber")}};
}

const Example& ExampleIn(const std::string& language) {
  static auto* const examples = new std::map<std::string, Example>();
  const auto found = examples->find(language);
  if (found != examples->end()) return found->second;
  return (*examples)[language] = language == "Go" ? Go() : Python();
}

class ExampleTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const std::string& missing = ExampleIn(GetParam()).missing;
        !missing.empty()) {
      GTEST_SKIP() << missing;
    }
  }

  std::unique_ptr<Subprocess> Start(const std::string& address,
                                    bool is_impatient = false) {
    const Example& example = ExampleIn(GetParam());
    auto command = is_impatient ? example.impatient : example.command;
    command.insert(command.end(), {address, "octocat", kRepo});
    std::map<std::string, std::string> env = example.env;
    env["GITHUB_TOKEN"] = kToken;
    auto started = Subprocess::Start(command, env);
    EXPECT_TRUE(started.ok()) << started.status();
    return *std::move(started);
  }
};

INSTANTIATE_TEST_SUITE_P(Languages, ExampleTest,
                         testing::Values("Go", "Python"),
                         [](const auto& test) { return test.param; });

// Shows: the subscribers in Python and Go print each mention once
TEST_P(ExampleTest, PrintsEachMentionOnceThroughRestartsOfTheServer) {
  // Given a history that takes a while, and a subscriber that is reading it
  Service service;
  FakeRepository& repo = service.github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "Hello");
  size_t added = 0;
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) {
      repo.AddIssueComment(pull, "hubot",
                           absl::StrCat("@octocat mention-", ++added, "\n2"));
    }
  };
  add(400);
  const auto example = Start(service.address());
  // How often each was printed, by the last word of its line.
  std::map<std::string, int> printed;
  const auto read_until = [&](const std::string& mention) {
    while (!printed.contains(mention)) {
      auto line = example->ReadLine(Subprocess::Stream::kStdout, Deadline());
      ASSERT_TRUE(line.ok()) << mention << ": " << line.status();
      if (line->ends_with('"')) line->pop_back();  // Go's is quoted
      ++printed[line->substr(line->rfind(' ') + 1)];
    }
  };
  read_until("mention-1");

  // When the server is killed in the middle, after the history, and restarted
  // in order,
  for (const int signal : {SIGKILL, SIGKILL, SIGTERM}) {
    add(3);
    service.RestartServer(signal);
    add(3);
    read_until(absl::StrCat("mention-", added));
  }

  // then it prints everything, and nothing twice.
  EXPECT_THAT(printed, SizeIs(added));
  EXPECT_THAT(printed, Each(Pair(testing::_, 1)));
}

mentions::v1::SubscribeResponse Response(const std::string& resume_token) {
  mentions::v1::SubscribeResponse response;
  response.set_resume_token(resume_token);
  return response;
}

grpc::Status UnavailableFor(absl::Duration delay) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  google::rpc::Status details;
  details.set_code(grpc::StatusCode::UNAVAILABLE);
  details.add_details()->PackFrom(retry);
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "full",
                      details.SerializeAsString());
}

TEST_P(ExampleTest, ContinuesAfterTheLastResponseWhenTheServerWantsIt) {
  // Given a stream whose last response was not a mention
  ScriptedServer server;
  const auto example = Start(server.address());
  const auto first = server.NextStream(kPatience);
  ASSERT_NE(first, nullptr);
  mentions::v1::SubscribeResponse mention = Response("after-mention");
  mention.mutable_mention()->set_body("@octocat");
  first->Send(mention);
  mentions::v1::SubscribeResponse heartbeat = Response("after-heartbeat");
  heartbeat.mutable_heartbeat();
  first->Send(heartbeat);

  // When it ends, and the server wants to be left alone for longer than the
  // first backoff
  const absl::Time ended_at = absl::Now();
  const absl::Duration delay = absl::Seconds(3);
  first->End(UnavailableFor(delay));

  // Then the next one is opened after that time, and continues after the last
  // response
  const auto second = server.NextStream(kPatience);
  ASSERT_NE(second, nullptr);
  EXPECT_GE(absl::Now() - ended_at, delay);
  EXPECT_EQ(second->request().resume_token(), "after-heartbeat");
  EXPECT_EQ(second->request().repo(), kRepo);
  EXPECT_EQ(second->request().user(), "octocat");

  // and the token is metadata, by which proxies choose a server.
  for (const auto& stream : {first, second}) {
    EXPECT_EQ(stream->authorization(), absl::StrCat("Bearer ", kToken));
    EXPECT_EQ(stream->request().token(), "");
  }
}

TEST_P(ExampleTest, LeavesAServerThatIsSilent) {
  // Given a server that stops sending, though its connection is alive
  ScriptedServer server;
  const auto example = Start(server.address(), /*is_impatient=*/true);
  const auto first = server.NextStream(kPatience);
  ASSERT_NE(first, nullptr);
  first->Send(Response("1"));

  // Then the call is cancelled, and continued by another one.
  EXPECT_TRUE(first->WaitUntilGone(kPatience));
  const auto second = server.NextStream(kPatience);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->request().resume_token(), "1");
}

TEST_P(ExampleTest, StopsWhereARetryCannotHelp) {
  ScriptedServer server;
  for (const grpc::StatusCode code :
       {grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::UNAUTHENTICATED,
        grpc::StatusCode::PERMISSION_DENIED, grpc::StatusCode::NOT_FOUND,
        grpc::StatusCode::FAILED_PRECONDITION,
        grpc::StatusCode::UNIMPLEMENTED}) {
    server.Reject(grpc::Status(code, "a reason"));
    const auto example = Start(server.address());
    const auto exit = example->Wait(Deadline());
    ASSERT_TRUE(exit.ok()) << code << ": " << exit.status();
    EXPECT_EQ(exit->code, 1) << code;
    EXPECT_THAT(
        example->ReadAll(Subprocess::Stream::kStderr, Deadline()).value(),
        HasSubstr("a reason"));
  }
}

TEST_P(ExampleTest, PrintsNoControlCharacters) {
  ScriptedServer server;
  const auto example = Start(server.address());
  const auto stream = server.NextStream(kPatience);
  ASSERT_NE(stream, nullptr);
  mentions::v1::SubscribeResponse response = Response("1");
  response.mutable_mention()->set_body("\n@octocat \x1b[2J\r done\n2");
  stream->Send(response);
  const auto line = example->ReadLine(Subprocess::Stream::kStdout, Deadline());
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(*line, HasSubstr("@octocat "));
  EXPECT_TRUE(std::none_of(line->begin(), line->end(), [](char c) {
    return c >= 0 && c < ' ';
  })) << *line;
}

}  // namespace
}  // namespace mentiond
