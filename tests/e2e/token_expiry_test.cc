// Tokens that live for seconds, as those of GitHub Apps live for an hour.

#include <algorithm>
#include <iostream>
#include <list>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "client/subscription_set.h"
#include "tests/e2e/service.h"
#include "tests/fakes/effort.h"

namespace mentiond {
namespace {

// Counts what one subscription receives, and when it has connected.
class Counter final : public client::SubscriptionListener {
 public:
  void OnConnected(std::string_view) override {
    absl::MutexLock lock(&mutex_);
    connected_.push_back(absl::Now());
  }
  absl::Status OnEvent(
      const mentions::v1::SubscribeResponse& response) override {
    absl::MutexLock lock(&mutex_);
    if (response.has_mention()) bodies_.insert(response.mention().body());
    return absl::OkStatus();
  }
  void OnDisconnected(const absl::Status&, absl::Duration) override {}

  bool AwaitMentions(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return bodies_.size() >= count;
    };
    return mutex_.AwaitWithDeadline(absl::Condition(&enough), Deadline());
  }
  std::multiset<std::string> bodies() {
    absl::MutexLock lock(&mutex_);
    return bodies_;
  }
  std::list<absl::Time> connected() {
    absl::MutexLock lock(&mutex_);
    return connected_;
  }

 private:
  absl::Mutex mutex_;
  std::multiset<std::string> bodies_ ABSL_GUARDED_BY(mutex_);
  std::list<absl::Time> connected_ ABSL_GUARDED_BY(mutex_);
};

TEST(TokenExpiryTest, TheClientLibrarysSubscriptionsOutliveTheirTokens) {
  constexpr absl::Duration kLife = absl::Seconds(3);
  constexpr size_t kStreams = 30;
  const int lives = Effort(2);
  Service service;
  // So many polls would use up an hour's quota.
  service.github().SetLimit(10'000'000, 10'000'000);
  FakeRepository& repo = service.github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "Hello");
  // Given many subscriptions of one app, whose tokens live for seconds,
  int issued = 0;
  client::SubscriptionSet set(
      {.server = service.address(), .token_source = [&] {
         return absl::StrCat("ghs_", absl::ToUnixMillis(absl::Now() + kLife),
                             "_", ++issued);
       }});
  std::list<Counter> counters;
  for (size_t i = 0; i < kStreams; ++i) {
    set.Add(Request(kRepo, "octocat", ""), counters.emplace_back());
  }
  std::thread thread([&set] { set.Run(); });

  // when mentions come for as long as several tokens live,
  size_t added = 0;
  const absl::Time end = absl::Now() + lives * kLife;
  while (absl::Now() < end) {
    repo.AddIssueComment(pull, "hubot",
                         absl::StrCat("@octocat number ", ++added));
    ASSERT_TRUE(counters.front().AwaitMentions(added));
    service.server().ReadAhead();
  }
  for (Counter& counter : counters) EXPECT_TRUE(counter.AwaitMentions(added));
  set.Cancel();
  thread.join();

  // then each has received each of them once, and the streams have not all
  // continued with a new token together: in one twentieth of a token's life.
  size_t reconnections = 0;
  size_t most = 0;
  std::map<int64_t, size_t> together;
  for (Counter& counter : counters) {
    const std::multiset<std::string> bodies = counter.bodies();
    EXPECT_EQ(bodies.size(), added);
    EXPECT_EQ(std::set<std::string>(bodies.begin(), bodies.end()).size(),
              added);
    std::list<absl::Time> times = counter.connected();
    for (times.pop_front(); !times.empty(); times.pop_front()) {
      ++reconnections;
      most = std::max(
          most, ++together[(times.front() - absl::UnixEpoch()) / (kLife / 20)]);
    }
  }
  std::cout << added << " mentions, " << issued << " tokens, " << reconnections
            << " reconnections, at most " << most << " together\n";
  EXPECT_GE(issued, lives);
  EXPECT_GE(reconnections, kStreams);
  EXPECT_LT(most, kStreams * 2 / 3);
}

// Shows: `Heartbeat.token_expires_at` and `GITHUB_TOKEN_EXPIRED`
TEST(TokenExpiryTest, AStreamIsToldWhenItsTokenExpiresAndEndsThen) {
  Service service;
  FakeRepository& repo = service.github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "Hello");
  const absl::Time end = absl::Now() + absl::Seconds(2);
  mentions::v1::SubscribeRequest request = Request(
      kRepo, "octocat", absl::StrCat("ghs_", absl::ToUnixMillis(end), "_1"));
  const auto stream = service.Subscribe(request);
  const auto heartbeat =
      stream->Next(mentions::v1::SubscribeResponse::kHeartbeat);
  ASSERT_TRUE(heartbeat.has_value());
  EXPECT_EQ(heartbeat->heartbeat().token_expires_at().seconds(),
            absl::ToUnixSeconds(end));
  while (const auto event = stream->Next()) {
    request.set_resume_token(event->resume_token());
  }
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(status), "GITHUB_TOKEN_EXPIRED");
  // One with another token continues.
  repo.AddIssueComment(pull, "hubot", "@octocat meanwhile");
  request.set_token(kToken);
  const auto mention = service.Subscribe(request)->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->body(), "@octocat meanwhile");
}

}  // namespace
}  // namespace mentiond
