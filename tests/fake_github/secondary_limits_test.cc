// The stand-in's secondary limits: which requests they refuse, when, and with
// which message.

#include "tests/fake_github/secondary_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/test_client.h"

namespace mentiond::fake_github {
namespace {

using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

constexpr char kIssues[] = "/repos/octo/demo/issues";

class SecondaryLimitsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fake_.SetNow(kNoon);
    fake_.repo("octo/demo").AddPull("mona", "one");
    ASSERT_TRUE(fake_.Start().ok());
  }

  // So many requests that hang until Release(), under way when this returns.
  void Hang(int count, const std::string& token) {
    Fault hang = Fault::Hang("hanging");
    hang.times = std::nullopt;
    const int64_t id = fake_.AddFault(hang);
    auto arrived = std::make_shared<Arrivals>();
    fake_.OnRequest([arrived](const RequestRecord&) {
      const absl::MutexLock lock(&arrived->mutex);
      ++arrived->count;
    });
    for (int i = 0; i < count; ++i) {
      hanging_.emplace_back([this, token] {
        TestClient(fake_, token).Get("/repos/octo/demo/issues?hanging");
      });
    }
    const auto all = [&] { return arrived->count >= count; };
    const absl::MutexLock lock(&arrived->mutex);
    arrived->mutex.Await(absl::Condition(&all));
    hang_ = id;
  }

  void Release() {
    fake_.ReleaseFault(hang_);
    for (std::thread& thread : hanging_) thread.join();
    hanging_.clear();
  }

  void TearDown() override { Release(); }

  FakeGitHub fake_;

 private:
  struct Arrivals {
    absl::Mutex mutex;
    int count = 0;
  };

  int64_t hang_ = 0;
  std::vector<std::thread> hanging_;
};

TEST_F(SecondaryLimitsTest, NobodyIsRefusedUntilTheyAreSet) {
  Hang(120, "secret");
  EXPECT_EQ(TestClient(fake_, "secret").Get(kComments).status, 200);
  Release();
  TestClient client(fake_, "secret");
  for (int i = 0; i < 1000; ++i) client.Get(kComments);

  EXPECT_THAT(fake_.stats().refused, IsEmpty());
}

TEST_F(SecondaryLimitsTest, OneMoreAtATimeThanAllowedIsRefused) {
  // Given a caller with as many requests under way as there may be
  fake_.SetSecondaryLimits({.concurrent = 3});
  Hang(3, "secret");

  // When it sends one more, then it is refused, with GitHub's message, and
  // costs nothing.
  const TestAnswer refused = TestClient(fake_, "secret").Get(kComments);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(StringMember(refused.json, "message").value_or(""),
              StartsWith("You have exceeded a secondary rate limit"));
  EXPECT_THAT(StringMember(refused.json, "documentation_url").value_or(""),
              EndsWith("secondary-rate-limits"));
  EXPECT_EQ(refused.Header("Retry-After"), "60");
  EXPECT_EQ(refused.Header("X-RateLimit-Remaining"), "5000");
  EXPECT_EQ(fake_.requests().back().refused_by, RefusedBy::kConcurrent);
  EXPECT_EQ(fake_.requests().back().points, 0);

  // Others are not concerned, and neither is it when the three are answered.
  EXPECT_EQ(TestClient(fake_, "other").Get(kComments).status, 200);
  EXPECT_EQ(TestClient(fake_).Get(kComments).status, 200);
  Release();
  EXPECT_EQ(TestClient(fake_, "secret").Get(kComments).status, 200);
  EXPECT_THAT(fake_.stats().refused,
              UnorderedElementsAre(Pair(RefusedBy::kConcurrent, 1)));
}

TEST_F(SecondaryLimitsTest, OneAtATimeIsEnoughForAClientThatWaits) {
  fake_.SetSecondaryLimits({.concurrent = 1});
  TestClient client(fake_, "secret");

  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(client.Get(kComments).status, 200) << i;
  }

  EXPECT_THAT(fake_.stats().refused, IsEmpty());
}

TEST_F(SecondaryLimitsTest, ARequestWhoseClientWentAwayIsUnderWayNoMore) {
  fake_.SetSecondaryLimits({.concurrent = 1});
  const int64_t hang = fake_.AddFault(Fault::Hang("/issues", absl::Hours(1)));
  TestClient impatient(fake_, "secret");
  impatient.SetTimeout(absl::Milliseconds(50));

  EXPECT_EQ(impatient.Get(kIssues).error, CURLE_OPERATION_TIMEDOUT);
  ASSERT_TRUE(
      fake_
          .WaitForRequests(
              [](const RequestRecord& record) { return record.client_gone; }, 1)
          .ok());

  EXPECT_EQ(TestClient(fake_, "secret").Get(kIssues).status, 200);
  fake_.ReleaseFault(hang);
}

TEST_F(SecondaryLimitsTest, TokensOfOneUserAreOneCaller) {
  fake_.AddToken("one", "mona");
  fake_.AddToken("two", "mona");
  fake_.SetSecondaryLimits({.concurrent = 1, .points_per_minute = 1});
  Hang(1, "one");
  EXPECT_EQ(TestClient(fake_, "two").Get(kComments).status, 403);
  Release();

  EXPECT_EQ(TestClient(fake_, "one").Get(kComments).status, 200);
  EXPECT_EQ(TestClient(fake_, "two").Get(kComments).status, 403);
  EXPECT_THAT(fake_.stats().refused,
              UnorderedElementsAre(Pair(RefusedBy::kConcurrent, 1),
                                   Pair(RefusedBy::kPointsPerMinute, 1)));
}

TEST_F(SecondaryLimitsTest, AnEndpointGivesSoManyPointsAMinute) {
  // Given a limit of 900 and a caller who has used them up at one endpoint
  fake_.SetSecondaryLimits({});
  TestClient client(fake_, "secret");
  client.SetHeader("If-None-Match", client.Get(kComments).Header("ETag"));
  for (int i = 1; i < 900; ++i) {
    ASSERT_EQ(client.Get(kComments).status, 304) << i << ": not free here";
  }
  fake_.SetNow(kNoon + absl::Seconds(20));

  // Then nothing more is to be had from there until the minute is over,
  const TestAnswer refused = client.Get(kComments);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(StringMember(refused.json, "message").value_or(""),
              StartsWith("You have exceeded a secondary rate limit"));
  EXPECT_EQ(refused.Header("Retry-After"), "40");
  EXPECT_EQ(refused.Header("X-RateLimit-Remaining"), "4999");
  EXPECT_EQ(fake_.requests().back().refused_by, RefusedBy::kPointsPerMinute);

  // while others, other endpoints and the next minute have theirs.
  EXPECT_EQ(TestClient(fake_, "other").Get(kComments).status, 200);
  EXPECT_EQ(client.Get(kIssues).status, 200);
  fake_.SetNow(kNoon + absl::Seconds(61));
  EXPECT_EQ(client.Get(kComments).status, 304);
  EXPECT_EQ(fake_.stats().refused.at(RefusedBy::kPointsPerMinute), 1);
}

TEST_F(SecondaryLimitsTest, ARefusalMayBe429AndMaySayNoTime) {
  fake_.SetSecondaryLimits(
      {.points_per_minute = 1, .status = 429, .retry_after = false});
  TestClient client(fake_, "secret");
  client.Get(kComments);

  const TestAnswer refused = client.Get(kComments);

  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "");
}

TEST_F(SecondaryLimitsTest, WhatThePrimaryLimitRefusesIsDistinguished) {
  fake_.SetRemaining("secret", 0);

  EXPECT_EQ(TestClient(fake_, "secret").Get(kComments).status, 403);

  EXPECT_THAT(fake_.stats().refused,
              UnorderedElementsAre(Pair(RefusedBy::kPrimary, 1)));
}

TEST(EndpointTest, NamesAndNumbersDoNotMakeAnEndpoint) {
  EXPECT_EQ(EndpointOf("/repos/octo/demo/pulls/7/reviews"),
            "/repos/*/pulls/*/reviews");
  EXPECT_EQ(EndpointOf("/repositories/5/pulls/8/reviews"),
            "/repos/*/pulls/*/reviews");
  EXPECT_EQ(EndpointOf("/repos/octo/demo"), EndpointOf("/repositories/5"));
  EXPECT_EQ(EndpointOf("/search/issues"), "/search/issues");
  EXPECT_EQ(EndpointOf("/user"), "/user");
  EXPECT_NE(EndpointOf("/repos/octo/demo/issues/7"),
            EndpointOf("/repos/octo/demo/issues/comments"));
}

}  // namespace
}  // namespace mentiond::fake_github
