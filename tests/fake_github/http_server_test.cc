// The stand-in over HTTP, in this process and as the program that the demo
// starts, and its control API.

#include "tests/fake_github/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "tests/fake_github/demo.h"
#include "tests/fake_github/search.h"
#include "tests/fake_github/test_client.h"
#include "tests/subprocess.h"

namespace mentiond::fake_github {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    repo_.AddPull("mona", "one");
    repo_.AddIssueComment(1, "mona", std::string(2000, 'x'));
    ASSERT_TRUE(fake_.Start().ok());
    client_ = std::make_unique<TestClient>(fake_.url());
  }

  // Clients that send a request each, all under way when this returns.
  std::vector<std::thread> SendAtOnce(int count) {
    auto arrived = std::make_shared<absl::BlockingCounter>(count);
    fake_.OnRequest([arrived, left = std::make_shared<std::atomic<int>>(count)](
                        const RequestRecord&) {
      if ((*left)-- > 0) arrived->DecrementCount();
    });
    std::vector<std::thread> clients;
    for (int i = 0; i < count; ++i) {
      clients.emplace_back([this] { TestClient(fake_.url()).Get(kComments); });
    }
    arrived->Wait();
    return clients;
  }

  FakeGitHub fake_;
  FakeRepository& repo_ = fake_.repo("octo/demo");
  std::unique_ptr<TestClient> client_;
};

TEST_F(HttpServerTest, BodiesAreCompressedOnRequest) {
  const TestAnswer plain = client_->Get(kComments);
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.Header("Content-Encoding"), "");
  EXPECT_EQ(plain.Header("X-RateLimit-Limit"), "5000") << "with a token";

  client_->AcceptGzip();
  const TestAnswer packed = client_->Get(kComments);
  EXPECT_EQ(packed.Header("Content-Encoding"), "gzip");
  EXPECT_LT(std::stoul(packed.Header("Content-Length")), plain.body.size());
  EXPECT_EQ(packed.body, plain.body) << "the client unpacked it";
  EXPECT_EQ(packed.Header("ETag"), plain.Header("ETag"));

  const TestAnswer same = client_->Get(
      kComments, {absl::StrCat("If-None-Match: ", plain.Header("ETag"))});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.Header("Content-Length"), "");
}

TEST_F(HttpServerTest, LinksLeadBackTheWayTheRequestCame) {
  repo_.AddIssueComment(1, "mona", "two");
  const std::string target = absl::StrCat(kComments, "?per_page=1");
  EXPECT_THAT(client_->Get(target).Link("next"),
              StartsWith(fake_.url() + "/repositories/"));
  EXPECT_THAT(client_
                  ->Get(target, {"X-Forwarded-Proto: https",
                                 "X-Forwarded-Host: github.example:8443",
                                 "X-Forwarded-Prefix: /api/v3"})
                  .Link("next"),
              StartsWith("https://github.example:8443/api/v3/repositories/"));
  // As its own http_proxy it is sent whole addresses.
  TestClient proxied("http://github.invalid");
  proxied.SetProxy(fake_.url());
  EXPECT_THAT(proxied.Get(target).Link("next"),
              StartsWith("http://github.invalid/repositories/"));
}

TEST_F(HttpServerTest, AConnectionMayCloseWithoutAnAnswerOrInTheMiddle) {
  fake_.AddFault(Fault::Close("/comments"));
  EXPECT_EQ(client_->Get(kComments).error, CURLE_GOT_NOTHING);
  ASSERT_TRUE(fake_.WaitForRequests("/comments", 1).ok());
  EXPECT_EQ(fake_.requests().back().status, 0);

  fake_.AddFault(Fault::Truncate("/comments", 12));
  const TestAnswer cut = client_->Get(kComments);
  EXPECT_EQ(cut.error, CURLE_PARTIAL_FILE);
  EXPECT_THAT(cut.body, SizeIs(12));
  EXPECT_GT(std::stoul(cut.Header("Content-Length")), 1000U);
  EXPECT_EQ(client_->Get(kComments).status, 200);
}

TEST_F(HttpServerTest, AHangEndsByItselfOrWhenReleasedOrWithItsClient) {
  fake_.AddFault(Fault::Hang("/comments", absl::Milliseconds(20)));
  const absl::Time before = absl::Now();
  EXPECT_EQ(client_->Get(kComments).status, 200);
  EXPECT_GE(absl::Now() - before, absl::Milliseconds(15));

  fake_.AddFault(Fault::Hang("/comments"));
  std::vector<std::thread> hanging = SendAtOnce(1);
  EXPECT_EQ(client_->Get(kIssues).status, 200) << "others are served";
  EXPECT_EQ(fake_.stats().requests, 2) << "and it hangs";
  fake_.ClearFaults();
  hanging[0].join();
  EXPECT_EQ(fake_.stats().by_status[200], 3);

  fake_.AddFault(Fault::Hang("/comments"));
  EXPECT_EQ(client_->Get(kComments, {}, absl::Milliseconds(50)).error,
            CURLE_OPERATION_TIMEDOUT);
  EXPECT_TRUE(
      fake_
          .WaitForRequests(
              [](const RequestRecord& record) { return record.client_gone; }, 1)
          .ok());
}

TEST_F(HttpServerTest, StopEndsWhatHangsAndIdleConnections) {
  client_->Get(kComments);  // and keeps its connection
  Fault fault = Fault::Hang("/comments", absl::Hours(1));
  fault.times = std::nullopt;
  fake_.AddFault(fault);
  std::vector<std::thread> clients = SendAtOnce(40);

  const absl::Time before = absl::Now();
  fake_.Stop();

  EXPECT_LT(absl::Now() - before, absl::Seconds(5));
  for (std::thread& client : clients) client.join();
}

TEST_F(HttpServerTest, TheControlApiAddsAndCounts) {
  struct Case {
    const char* path;
    const char* json;
    int status;
  };
  const char* item = R"({"pull":1,"author":"hubot","body":"b"})";
  for (const auto& [path, json, status] :
       {Case{"repos/octo/demo/comments", item, 201},
        Case{"repos/octo/demo/review_comments", item, 201},
        Case{"repos/octo/demo/reviews", item, 201},
        Case{"repos/octo/demo/comments", "not JSON", 400},
        Case{"repos/octo/demo/comments", R"({"pull":1,"author":"x"})", 400},
        Case{"repos/octo/demo/comments",
             R"({"pull":9,"author":"x","body":"y"})", 404},
        Case{"repos/octo/demo/sentences", item, 404},
        Case{"repos//demo/comments", item, 404}, Case{"stats", "{}", 404}}) {
    const TestAnswer answer =
        Get(fake_, absl::StrCat("/_control/", path), {.post_body = json});
    EXPECT_EQ(answer.status, status) << path << answer.body;
    const auto id = IntMember(ParseJsonText(answer.body), "id");
    EXPECT_EQ(id.has_value(), status == 201) << path;
  }
  EXPECT_EQ(client_->Get(kComments).Texts("body")[1], "b");
  EXPECT_THAT(client_->Get("/repos/octo/demo/pulls/comments").Texts("body"),
              ElementsAre("b"));
  EXPECT_THAT(repo_.All(ItemKind::kReview), SizeIs(2));
  EXPECT_EQ(client_->Get("/none").status, 404);

  EXPECT_EQ(client_->Get("/_control/stats").body,
            R"({"requests":3,"points":3,"graphql_points":0,)"
            R"("by_status":{"200":2,"404":1}})");
}

// A running fake_github_main.
class FakeGithubMainTest : public ::testing::Test {
 protected:
  static std::unique_ptr<Subprocess> Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "tests/fake_github/fake_github_main");
    return *Subprocess::Start(arguments);
  }
  static absl::Time Deadline() { return absl::Now() + absl::Seconds(20); }
  static std::string UrlOf(Subprocess& program) {
    const std::string line =
        *program.ReadLine(Subprocess::Stream::kStdout, Deadline());
    EXPECT_THAT(line, StartsWith("listening on http://127.0.0.1:"));
    return std::string(absl::StripPrefix(line, "listening on "));
  }
};

TEST_F(FakeGithubMainTest, TheDemoGoesOnUntilASignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const auto program = Run({"--demo", "--demo_interval=10ms",
                              "--listen=127.0.0.1:0", "--rate_limit=100000"});
    TestClient client(UrlOf(*program));
    size_t most = 0;
    for (const absl::Time end = Deadline(); most < 14 && absl::Now() < end;) {
      const TestAnswer comments =
          client.Get(absl::StrCat(kComments, "?per_page=100"));
      ASSERT_EQ(comments.status, 200);
      EXPECT_EQ(comments.Header("X-RateLimit-Limit"), "100000");
      most = comments.Ints("id").size();
    }
    EXPECT_GE(most, 14U) << "it starts with 11";
    EXPECT_THAT(client.Get("/repos/octo/tools/issues").Ints("number"),
                ElementsAre(2, 1));

    EXPECT_TRUE(program->Signal(signal).ok());

    const auto exit = program->Wait(Deadline());
    ASSERT_TRUE(exit.ok()) << exit.status();
    EXPECT_EQ(exit->code, 0);
  }
}

TEST_F(FakeGithubMainTest, SaysWhatIsWrong) {
  struct Case {
    const char* argument;
    int code;
  };
  for (const auto& [argument, code] :
       {Case{"--listen=nowhere", 2}, Case{"--demo_interval=soon", 2},
        Case{"--no_such_flag", 2}, Case{"--corpus=/no/such/directory", 1},
        Case{"--help", 0}}) {
    const auto program = Run({argument});
    EXPECT_EQ(program->Wait(Deadline())->code, code) << argument;
  }
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
      const std::string body = item->body.value_or("");
      if (!NearlyMentions(body, "octocat")) continue;
      // Whatever has a backtick in the demo has its mention in code.
      (body.find('`') == std::string::npos ? mentions : code) += 1;
    }
  }
  EXPECT_THAT(repo.All(ItemKind::kIssue), SizeIs(12));
  EXPECT_EQ(mentions, 8);
  EXPECT_EQ(code, 3);
}

}  // namespace
}  // namespace mentiond::fake_github
