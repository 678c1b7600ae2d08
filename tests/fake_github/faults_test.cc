// What the stand-in GitHub does wrong on purpose, and its hooks and log.

#include "tests/fake_github/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/test_client.h"

namespace mentiond::fake_github {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kAllIssues[] = "/repos/octo/demo/issues?state=all";

class FaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    repo_.AddPull("mona", "one");
    repo_.AddIssueComment(1, "mona", "a comment");
    ASSERT_TRUE(fake_.Start().ok());
    client_ = std::make_unique<TestClient>(fake_, "secret");
  }

  FakeGitHub fake_;
  FakeRepository& repo_ = fake_.repo("octo/demo");
  std::unique_ptr<TestClient> client_;
};

TEST_F(FaultsTest, AScriptedResponseIsSentOnceForItsRequests) {
  fake_.AddFault(Fault::Answer("/comments", 429, R"({"message":"slow down"})",
                               {{"Retry-After", "7"}}));

  EXPECT_EQ(client_->Get(kAllIssues).status, 200);
  const TestAnswer hit = client_->Get(kComments);
  EXPECT_EQ(hit.status, 429);
  EXPECT_EQ(hit.Header("Retry-After"), "7");
  EXPECT_EQ(StringMember(hit.json, "message"), "slow down");
  EXPECT_EQ(client_->Get(kComments).status, 200);
}

TEST_F(FaultsTest, FaultsSkipAndRepeat) {
  Fault fault = Fault::Answer("/comments", 500);
  fault.skip = 1;
  fault.times = 2;
  fake_.AddFault(fault);

  std::vector<int> statuses;
  statuses.reserve(5);
  for (int i = 0; i < 5; ++i)
    statuses.push_back(client_->Get(kComments).status);

  EXPECT_THAT(statuses, ElementsAre(200, 500, 500, 200, 200));
}

TEST_F(FaultsTest, AFaultForGoodLastsUntilCleared) {
  Fault fault = Fault::HtmlBadGateway("");
  fault.times = std::nullopt;
  fake_.AddFault(fault);

  for (int i = 0; i < 3; ++i) {
    const TestAnswer page = client_->Get(kComments);
    EXPECT_EQ(page.status, 502);
    EXPECT_THAT(page.Header("Content-Type"), HasSubstr("text/html"));
    EXPECT_THAT(page.body, HasSubstr("<html>"));
  }
  fake_.ClearFaults();
  EXPECT_EQ(client_->Get(kComments).status, 200);
}

TEST_F(FaultsTest, AConnectionMayCloseWithoutAnAnswer) {
  // Curl tries once more by itself on a connection that it had kept.
  TestClient fresh(fake_, "secret");
  fake_.AddFault(Fault::Close("/comments"));

  EXPECT_EQ(fresh.Get(kComments).error, CURLE_GOT_NOTHING);

  ASSERT_TRUE(fake_.WaitForRequests("/comments", 1).ok());
  EXPECT_EQ(fake_.requests().back().status, 0);
  EXPECT_TRUE(fake_.requests().back().faulted);
  EXPECT_EQ(fresh.Get(kComments).status, 200);
}

TEST_F(FaultsTest, ABodyMayEndTooEarly) {
  fake_.AddFault(Fault::Truncate("/comments", 12));

  const TestAnswer cut = client_->Get(kComments);

  EXPECT_EQ(cut.error, CURLE_PARTIAL_FILE);
  EXPECT_EQ(cut.body.size(), 12u);
  EXPECT_GT(std::stoul(cut.Header("Content-Length")), 1000u);
  EXPECT_EQ(client_->Get(kComments).status, 200);
}

TEST_F(FaultsTest, AHangingRequestEndsWhenReleased) {
  const int64_t hang = fake_.AddFault(Fault::Hang("/comments"));
  absl::Notification asked;
  fake_.OnRequest([&](const RequestRecord& record) {
    if (record.target == kComments) asked.Notify();
  });
  TestAnswer answer;
  std::atomic<bool> answered = false;
  std::thread hanging([&] {
    answer = TestClient(fake_, "x").Get(kComments);
    answered = true;
  });
  asked.WaitForNotification();

  EXPECT_EQ(client_->Get(kAllIssues).status, 200) << "others are served";
  EXPECT_FALSE(answered);
  EXPECT_TRUE(fake_.ReleaseFault(hang));
  hanging.join();

  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(fake_.ReleaseFault(12345));
}

TEST_F(FaultsTest, AHangEndsByItself) {
  fake_.AddFault(Fault::Hang("/comments", absl::Milliseconds(20)));

  const absl::Time before = absl::Now();
  EXPECT_EQ(client_->Get(kComments).status, 200);

  EXPECT_GE(absl::Now() - before, absl::Milliseconds(15));
}

TEST_F(FaultsTest, AClientThatGivesUpIsNoticed) {
  fake_.AddFault(Fault::Hang("/comments"));

  client_->SetTimeout(absl::Milliseconds(50));
  EXPECT_EQ(client_->Get(kComments).error, CURLE_OPERATION_TIMEDOUT);

  EXPECT_TRUE(
      fake_
          .WaitForRequests(
              [](const RequestRecord& record) { return record.client_gone; }, 1)
          .ok());
}

TEST_F(FaultsTest, ManyMayHangAndStopEndsThemAll) {
  constexpr int kHanging = 40;
  Fault fault = Fault::Hang("/comments", absl::Hours(1));
  fault.times = std::nullopt;
  fake_.AddFault(fault);
  absl::Mutex mu;
  int asked = 0;
  fake_.OnRequest([&](const RequestRecord&) {
    absl::MutexLock lock(&mu);
    ++asked;
  });
  std::vector<std::thread> clients;
  clients.reserve(kHanging);
  for (int i = 0; i < kHanging; ++i) {
    clients.emplace_back([this] { TestClient(fake_, "x").Get(kComments); });
  }
  {
    absl::MutexLock lock(&mu);
    const auto all_asked = [&] { return asked >= kHanging; };
    mu.Await(absl::Condition(&all_asked));
  }

  const absl::Time before = absl::Now();
  fake_.Stop();

  EXPECT_LT(absl::Now() - before, absl::Seconds(5));
  for (std::thread& client : clients) client.join();
}

TEST_F(FaultsTest, StopDoesNotWaitForIdleConnections) {
  client_->Get(kComments);  // and keeps its connection

  const absl::Time before = absl::Now();
  fake_.Stop();

  EXPECT_LT(absl::Now() - before, absl::Seconds(2));
}

TEST_F(FaultsTest, AnEditBetweenTwoPagesMovesItemsBetweenThem) {
  for (int i = 0; i < 3; ++i) {
    repo_.AddIssueComment(1, "mona", std::to_string(i));
  }
  const int64_t first = repo_.All(ItemKind::kIssueComment).front()->id;
  fake_.AfterFirst("/issues/comments", [&] {
    repo_.EditIssueComment(first, "edited",
                           {.updated_at = absl::Now() + absl::Hours(1)});
  });
  const std::string target =
      std::string(kComments) + "?sort=updated&per_page=2";

  const TestAnswer page1 = client_->Get(target);
  const TestAnswer page2 = client_->Get(page1.Link("next"));

  EXPECT_THAT(page1.Texts("body"), ElementsAre("a comment", "0"))
      << "the edit came after it";
  EXPECT_THAT(page2.Texts("body"), ElementsAre("2", "edited"))
      << "1 moved to the page before: GitHub's own trap";
}

TEST_F(FaultsTest, AHookBeforeTheResponseIsVisibleInIt) {
  fake_.OnRequest(
      [&](const RequestRecord&) { repo_.AddIssueComment(1, "mona", "just"); });

  EXPECT_THAT(client_->Get(kComments).Texts("body"),
              ElementsAre("a comment", "just"));
}

TEST_F(FaultsTest, WaitingForRequestsCountsThemAndGivesUp) {
  client_->Get(kComments);
  client_->Get(kComments);
  client_->Get(kAllIssues);

  EXPECT_TRUE(fake_.WaitForRequests("/comments", 2).ok());
  EXPECT_TRUE(fake_.WaitForRequests("", 3).ok());
  const absl::Status missed =
      fake_.WaitForRequests("/comments", 3, absl::Milliseconds(20));
  EXPECT_TRUE(absl::IsDeadlineExceeded(missed));
  EXPECT_THAT(std::string(missed.message()), HasSubstr("2 of 3"));

  fake_.ClearLog();
  EXPECT_FALSE(
      fake_.WaitForRequests("/comments", 1, absl::Milliseconds(5)).ok());
  std::thread later([&] { client_->Get(kComments); });
  EXPECT_TRUE(fake_.WaitForRequests("/comments", 1).ok());
  later.join();
}

TEST_F(FaultsTest, OnePortServesManyClientsAtOnce) {
  std::vector<std::thread> clients;
  clients.reserve(60);
  for (int i = 0; i < 60; ++i) {
    clients.emplace_back([this] {
      TestClient client(fake_, "x");
      for (int n = 0; n < 5; ++n) EXPECT_EQ(client.Get(kComments).status, 200);
    });
  }
  for (std::thread& client : clients) client.join();

  EXPECT_EQ(fake_.stats().requests, 300);
  EXPECT_EQ(fake_.stats().by_status.at(200), 300);
}

}  // namespace
}  // namespace mentiond::fake_github
