// The stand-in as the program that the demo and benchmarks start.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "tests/fake_github/demo.h"
#include "tests/fake_github/search.h"
#include "tests/fake_github/test_client.h"

namespace mentiond::fake_github {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A running fake_github_main and what it writes to stdout.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "tests/fake_github/fake_github_main");
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int ends[2];
    if (pipe(ends) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~Program() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    if (output_ != nullptr) fclose(output_);
  }

  std::string Line() {
    char line[512];
    if (fgets(line, sizeof(line), output_) == nullptr) return "";
    std::string text = line;
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  void Signal(int signal) { kill(pid_, signal); }

  // The exit code; -1 when it ended in another way.
  int Join() {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
  FILE* output_ = nullptr;
};

std::string UrlFrom(const std::string& line) {
  const std::string prefix = "listening on ";
  EXPECT_THAT(line, StartsWith(prefix + "http://127.0.0.1:"));
  return line.substr(std::min(line.size(), prefix.size()));
}

TEST(FakeGithubMainTest, ServesAndEndsOnSignals) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Program program({"--listen=127.0.0.1:0"});
    TestClient client(UrlFrom(program.Line()));
    EXPECT_EQ(client.Get("/rate_limit").status, 200);

    const absl::Time before = absl::Now();
    program.Signal(signal);

    EXPECT_EQ(program.Join(), 0);
    EXPECT_LT(absl::Now() - before, absl::Seconds(2));
  }
}

TEST(FakeGithubMainTest, TheDemoGoesOn) {
  Program program(
      {"--demo", "--demo_interval=10ms", "--anonymous_rate_limit=100000"});
  TestClient client(UrlFrom(program.Line()));
  size_t most = 0;
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (most < 14 && absl::Now() < deadline) {
    most = client.Get("/repos/octo/demo/issues/comments?per_page=100")
               .Ints("id")
               .size();
  }
  EXPECT_GE(most, 14u) << "it starts with 11";

  program.Signal(SIGTERM);
  EXPECT_EQ(program.Join(), 0);
}

TEST(FakeGithubMainTest, HasSecondaryLimitsWhenConfigured) {
  Program program({"--points_per_minute=2", "--secondary_status=429",
                   "--no_retry_after", "--concurrent_limit=100"});
  TestClient client(UrlFrom(program.Line()));
  EXPECT_EQ(client.Get("/rate_limit").status, 200);
  EXPECT_EQ(client.Get("/rate_limit").status, 200);

  const TestAnswer refused = client.Get("/rate_limit");

  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.body, HasSubstr("secondary rate limit"));
  EXPECT_EQ(refused.Header("Retry-After"), "");
}

TEST(FakeGithubMainTest, SaysWhatIsWrong) {
  EXPECT_EQ(Program({"--listen=nowhere"}).Join(), 2);
  EXPECT_EQ(Program({"--demo_interval=soon"}).Join(), 2);
  EXPECT_EQ(Program({"--secondary_status=404"}).Join(), 2);
  EXPECT_EQ(Program({"--concurrent_limit=-1"}).Join(), 2);
  EXPECT_EQ(Program({"--no_such_flag"}).Join(), 2);
  EXPECT_EQ(Program({"--corpus=/no/such/directory"}).Join(), 1);
  Program help({"--help"});
  EXPECT_THAT(help.Line(), HasSubstr("stand-in"));
  EXPECT_EQ(help.Join(), 0);
}

TEST(DemoTest, MentionsOctocatInEightPlacesThatCount) {
  FakeGitHub fake;
  FakeRepository& repo = fake.repo("octo/demo");
  FillDemo(repo, absl::Now());

  int mentions = 0;
  int code = 0;
  for (const ItemKind kind : {ItemKind::kIssue, ItemKind::kIssueComment,
                              ItemKind::kReviewComment, ItemKind::kReview}) {
    for (const ItemPtr& item : repo.All(kind)) {
      if (!NearlyMentions(item->body, "octocat")) continue;
      // Whatever has a backtick in the demo has its mention in code.
      (item->body.find('`') == std::string::npos ? mentions : code) += 1;
    }
  }
  EXPECT_EQ(repo.All(ItemKind::kIssue).size(), 12u);
  EXPECT_EQ(mentions, 8);
  EXPECT_EQ(code, 3);
}

}  // namespace
}  // namespace mentiond::fake_github
