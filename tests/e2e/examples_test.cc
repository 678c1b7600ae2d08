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

// Go's compiler takes a minute the first time; more on a loaded machine.
constexpr absl::Duration kBuildTime = absl::Minutes(10);

// How to start an example; or why it cannot be started here.
struct Example {
  std::vector<std::string> command;
  // The same with a second, instead of two minutes, as the longest silence.
  std::vector<std::string> impatient;
  std::map<std::string, std::string> env;
  std::string missing;
};

// Whether a program succeeds, and what it says if not.
bool Succeeds(const std::vector<std::string>& command,
              const std::map<std::string, std::string>& env,
              std::string* output) {
  const absl::Time deadline = absl::Now() + kBuildTime;
  auto process = Subprocess::Start(command, env);
  if (!process.ok()) {
    *output = std::string(process.status().message());
    return false;
  }
  const auto exit = (*process)->Wait(deadline);
  *output =
      (*process)->ReadAll(Subprocess::Stream::kStderr, deadline).value_or("");
  return exit.ok() && exit->code == 0;
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
  std::string output;
  if (!Succeeds({kPython, "-c", "import grpc"}, {}, &output)) {
    python.missing = "python3-grpcio is not installed";
  }
  return python;
}

// A copy of the folder whose program has another constant.
void CopyWithMaxSilence(const std::string& from, const std::string& to,
                        const std::string& silence) {
  namespace fs = std::filesystem;
  fs::copy(from, to, fs::copy_options::recursive);
  std::ifstream in(from + "/main.go");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  ASSERT_EQ(
      absl::StrReplaceAll(
          {{"maxSilence = 2 * time.Minute", "maxSilence = " + silence}}, &text),
      1);
  fs::remove(to + "/main.go");
  std::ofstream(to + "/main.go") << text;
}

// Builds it, with the caches of the user who runs the tests.
Example Go() {
  constexpr char kFolder[] = "client/examples/go";
  const std::string go = FindProgram("go", {"/usr/local/go/bin"});
  if (go.empty()) return {.missing = "Go is not installed"};
  const passwd* user = getpwuid(getuid());
  const std::map<std::string, std::string> env = {
      {"HOME", user != nullptr ? user->pw_dir : "/"},
      {"PATH", "/usr/bin:/bin"},
      {"GOTOOLCHAIN", "local"}};
  std::string output;
  if (!Succeeds({go, "mod", "download", "-C", kFolder}, env, &output)) {
    return {.missing = absl::StrCat(
                "Go's modules cannot be downloaded, or this Go is too old: ",
                output)};
  }
  const std::string folder = testing::TempDir() + "/impatient";
  CopyWithMaxSilence(kFolder, folder, "time.Second");
  const std::string program = testing::TempDir() + "/subscriber";
  const std::string impatient = testing::TempDir() + "/impatient_subscriber";
  for (const auto& [source, target] :
       {std::pair<std::string, std::string>(kFolder, program),
        {folder, impatient}}) {
    EXPECT_TRUE(
        Succeeds({go, "build", "-C", source, "-o", target, "."}, env, &output))
        << output;
  }
  return {.command = {program}, .impatient = {impatient}};
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

  std::unique_ptr<Subprocess> Start(const std::string& address) {
    return Start(address, ExampleIn(GetParam()).command);
  }
  std::unique_ptr<Subprocess> Start(const std::string& address,
                                    std::vector<std::string> command) {
    command.insert(command.end(), {address, "octocat", kRepo});
    std::map<std::string, std::string> env = ExampleIn(GetParam()).env;
    env["GITHUB_TOKEN"] = kToken;
    auto started = Subprocess::Start(command, env);
    EXPECT_TRUE(started.ok()) << started.status();
    return *std::move(started);
  }
};

INSTANTIATE_TEST_SUITE_P(Languages, ExampleTest,
                         testing::Values("Go", "Python"),
                         [](const auto& test) { return test.param; });

// How often each mention was printed, by the last word of its line.
class Printed {
 public:
  explicit Printed(Subprocess& example) : example_(example) {}

  // Reads until that mention is printed.
  void ReadUntil(const std::string& mention) {
    const absl::Time deadline = Deadline();
    while (!times_.contains(mention)) {
      const auto line =
          example_.ReadLine(Subprocess::Stream::kStdout, deadline);
      ASSERT_TRUE(line.ok()) << mention << ": " << line.status() << "\n"
                             << Complaints();
      Count(*line);
    }
  }
  void ReadRest() {
    const auto rest =
        example_.ReadAll(Subprocess::Stream::kStdout, Deadline()).value();
    for (const std::string& line : std::vector<std::string>(
             absl::StrSplit(rest, '\n', absl::SkipEmpty()))) {
      Count(line);
    }
  }
  const std::map<std::string, int>& times() const { return times_; }

 private:
  // What it said on standard error until now; ends it.
  std::string Complaints() {
    example_.Signal(SIGKILL).IgnoreError();
    return example_.ReadAll(Subprocess::Stream::kStderr, Deadline())
        .value_or("nothing");
  }

  void Count(std::string line) {
    // Go's is quoted.
    if (line.ends_with('"')) line.pop_back();
    ++times_[line.substr(line.rfind(' ') + 1)];
  }

  Subprocess& example_;
  std::map<std::string, int> times_;
};

TEST_P(ExampleTest, PrintsEachMentionOnceThroughRestartsOfTheServer) {
  // Given a history that takes a while, and a subscriber that is reading it
  Service service;
  FakeRepository& repo = service.github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "Hello");
  size_t added = 0;
  std::string last;
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) {
      last = absl::StrCat("mention-", ++added);
      repo.AddIssueComment(pull, "hubot",
                           absl::StrCat("@octocat ", last, "\n2"));
    }
  };
  add(400);
  const auto example = Start(service.address());
  Printed printed(*example);
  printed.ReadUntil("mention-1");

  // When the server is killed in the middle, and again after the history
  service.RestartServer(SIGKILL);
  add(3);
  printed.ReadUntil(last);
  add(3);
  service.RestartServer(SIGKILL);
  add(3);
  printed.ReadUntil(last);
  // and restarted in order
  add(3);
  service.RestartServer(SIGTERM);
  add(3);
  printed.ReadUntil(last);

  // Then it prints everything, and nothing twice.
  ASSERT_TRUE(example->Signal(SIGINT).ok());
  ASSERT_TRUE(example->Wait(Deadline()).ok());
  printed.ReadRest();
  EXPECT_THAT(printed.times(), SizeIs(added));
  EXPECT_THAT(printed.times(), Each(Pair(testing::_, 1)));
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
  const auto example = Start(server.address(), ExampleIn(GetParam()).impatient);
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
