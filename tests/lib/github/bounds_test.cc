// What the client remembers of tokens, pages and failures has a limit, however
// many of them there are.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/github/delay.h"
#include "lib/github/failure_memory.h"
#include "lib/github/page_cache.h"
#include "lib/github/token_gate.h"
#include "tests/fakes/fake_clock.h"

namespace mentiond {
namespace {

class TokenGatesTest : public testing::Test {
 protected:
  // Tokens with a limit that GitHub has told: it is worth remembering.
  void UseTokens(uint64_t first, uint64_t count) {
    for (uint64_t i = first; i < first + count; ++i) {
      gates_.For({.high = i, .low = i})
          ->quota(Resource::kRest)
          .Note(RateLimit{.limit = 60,
                          .remaining = 59,
                          .reset = clock_.Now() + absl::Hours(1)},
                1, clock_.Now());
      most_ = std::max(most_, gates_.size());
    }
  }

  FakeClock clock_;
  TokenGates gates_{clock_, 1, 900};
  size_t most_ = 0;
};

TEST_F(TokenGatesTest, MadeUpTokensUseUpNoMemoryAndPushOutNoneInUse) {
  const TokenHash token = {.high = 1, .low = 2};
  const std::shared_ptr<TokenGate> gate = gates_.For(token);
  UseTokens(10, 10'000);
  for (uint64_t i = 10; i < 10'010; ++i) {
    ASSERT_TRUE(gates_.InfoOf({.high = i, .low = i}).rest.has_value())
        << "limits are remembered of ordinary numbers of tokens";
  }
  UseTokens(10'010, 5 * TokenGates::kMaxUnused);
  EXPECT_LE(most_, 2 * TokenGates::kMaxUnused);
  EXPECT_EQ(gates_.For(token), gate);
}

RequestKey KeyOf(size_t i) {
  return {.token = {}, .request = absl::StrCat("https://api.github.com/", i)};
}

TEST(PageCacheTest, WhatWasUsedLastStaysWithinTheBytes) {
  constexpr size_t kMaxBytes = 100'000;
  PageCache<Page> cache(kMaxBytes);
  const auto put = [&](size_t number, size_t bytes) {
    Page page = {.items = {Item{.body = std::string(bytes, '@')}}};
    cache.Put(KeyOf(number), {std::make_shared<const Page>(std::move(page)),
                              "etag", absl::UnixEpoch()});
    EXPECT_LE(cache.bytes(), kMaxBytes);
  };

  for (size_t number = 0; number < 100; ++number) {
    put(number, 10'000);
    ASSERT_NE(cache.Find(KeyOf(0)), nullptr) << "it is used all the time";
  }

  EXPECT_EQ(cache.size(), 9U);
  EXPECT_NE(cache.Find(KeyOf(99)), nullptr);
  EXPECT_EQ(cache.Find(KeyOf(1)), nullptr);
  put(99, 2 * kMaxBytes);
  EXPECT_EQ(cache.Find(KeyOf(99)), nullptr) << "larger than the whole cache";
  EXPECT_NE(cache.Find(KeyOf(0)), nullptr);
}

TEST(FailureMemoryTest, FurtherFailuresAreDelayedEvenWhenItIsFull) {
  FakeClock clock;
  FailureMemory memory({.initial = absl::Seconds(4), .cap = absl::Minutes(1)},
                       [] { return 0.5; });
  const auto fail = [&](size_t i) {
    return DelayOf(
        memory.Failed(KeyOf(i), absl::UnavailableError("down"), clock.Now()));
  };
  for (size_t i = 0; i < FailureMemory::kMax; ++i) fail(i);
  ASSERT_EQ(memory.size(), FailureMemory::kMax);

  // One more is not remembered; one that is, is delayed longer each time.
  const size_t more = FailureMemory::kMax;
  EXPECT_TRUE(fail(more).has_value());
  EXPECT_EQ(memory.size(), FailureMemory::kMax);
  EXPECT_TRUE(memory.Check(KeyOf(more), clock.Now()).ok());
  EXPECT_EQ(fail(0)->retry_at, clock.Now() + absl::Seconds(4));
  EXPECT_FALSE(memory.Check(KeyOf(0), clock.Now()).ok());

  // Once they are long over, there is room.
  clock.Advance(absl::Hours(1));
  fail(more);
  EXPECT_EQ(memory.size(), 1U);
}

}  // namespace
}  // namespace mentiond
