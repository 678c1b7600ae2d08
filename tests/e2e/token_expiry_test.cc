// Tokens that live for seconds, as those of GitHub Apps live for an hour: the
// client library replaces them, and its subscriptions go on.
// $MENTIOND_TOKEN_SECONDS, $MENTIOND_TOKEN_LIVES and $MENTIOND_TOKEN_STREAMS
// make it a longer test.

#include <cstdlib>
#include <iostream>
#include <list>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "client/subscription_set.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

int FromEnvironment(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  int number = 0;
  return value != nullptr && absl::SimpleAtoi(value, &number) ? number
                                                              : otherwise;
}

// Counts what one subscription receives.
class Counter final : public client::SubscriptionListener {
 public:
  void OnConnected(std::string_view) override {
    absl::MutexLock lock(&mutex_);
    connected_.push_back(absl::Now());
  }
  absl::Status OnEvent(
      const mentions::v1::SubscribeResponse& response) override {
    if (!response.has_mention()) return absl::OkStatus();
    absl::MutexLock lock(&mutex_);
    bodies_.insert(response.mention().body());
    return absl::OkStatus();
  }
  void OnDisconnected(const absl::Status& reason, absl::Duration) override {
    absl::MutexLock lock(&mutex_);
    reasons_.emplace_back(reason.message());
  }

  bool AwaitMentions(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return bodies_.size() >= count;
    };
    return mutex_.AwaitWithDeadline(absl::Condition(&enough), Deadline());
  }
  std::multiset<std::string> bodies() const {
    absl::MutexLock lock(&mutex_);
    return bodies_;
  }
  std::vector<std::string> reasons() const {
    absl::MutexLock lock(&mutex_);
    return reasons_;
  }
  std::vector<absl::Time> connected() const {
    absl::MutexLock lock(&mutex_);
    return connected_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::multiset<std::string> bodies_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> reasons_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Time> connected_ ABSL_GUARDED_BY(mutex_);
};

// The most reconnections in any twentieth of a token's life.
size_t MostTogether(const std::list<Counter>& counters, absl::Duration life) {
  std::map<int64_t, size_t> together;
  for (const Counter& counter : counters) {
    const std::vector<absl::Time> times = counter.connected();
    for (size_t i = 1; i < times.size(); ++i) {
      ++together[(times[i] - absl::UnixEpoch()) / (life / 20)];
    }
  }
  size_t most = 0;
  for (const auto& [time, count] : together) most = std::max(most, count);
  return most;
}

TEST(TokenExpiryTest, SubscriptionsOutliveTheirTokens) {
  const absl::Duration life =
      absl::Seconds(FromEnvironment("MENTIOND_TOKEN_SECONDS", 4));
  const int streams = FromEnvironment("MENTIOND_TOKEN_STREAMS", 30);
  const int lives = FromEnvironment("MENTIOND_TOKEN_LIVES", 3);
  Service service;
  // So many polls would use up an hour's quota.
  service.github().SetLimit(10'000'000, 10'000'000);
  FakeRepository& repo = service.github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "Hello");
  // Given many subscriptions of one app, whose tokens live for seconds,
  int issued = 0;
  client::SubscriptionSet set(
      {.server = service.address(), .token_source = [&] {
         return absl::StrCat("ghs_", absl::ToUnixMillis(absl::Now() + life),
                             "_", ++issued);
       }});
  std::list<Counter> counters;
  mentions::v1::SubscribeRequest request;
  request.set_repo(kRepo);
  request.set_user("octocat");
  for (int i = 0; i < streams; ++i) set.Add(request, counters.emplace_back());
  std::thread thread([&set] { set.Run(); });

  // when mentions come for as long as several tokens live,
  size_t added = 0;
  const absl::Time end = absl::Now() + lives * life;
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
  // continued with a new token together.
  size_t reconnections = 0;
  size_t rejections = 0;
  for (const Counter& counter : counters) {
    const std::multiset<std::string> bodies = counter.bodies();
    EXPECT_EQ(bodies.size(), added);
    EXPECT_EQ(std::set<std::string>(bodies.begin(), bodies.end()).size(),
              added);
    rejections += counter.reasons().size();
    reconnections += counter.connected().size() - 1;
  }
  const size_t most = MostTogether(counters, life);
  std::cout << added << " mentions to " << streams << " streams with " << issued
            << " tokens: " << reconnections << " reconnections, at most "
            << most << " in a twentieth of a token's life; " << rejections
            << " rejections\n";
  EXPECT_GE(issued, lives);
  EXPECT_GE(reconnections, static_cast<size_t>(streams));
  EXPECT_LT(most, static_cast<size_t>(streams) * 2 / 3);
}

}  // namespace
}  // namespace mentiond
