#include "lib/base/backoff.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using ::testing::ElementsAre;

constexpr BackoffPolicy kPolicy = {.initial = absl::Seconds(1),
                                   .cap = absl::Seconds(10)};

// The largest number below 1: the least patient draw there is.
const double kAlmostOne = std::nextafter(1.0, 0.0);

// Draws the same number for ever.
UniformRandom Always(double number) {
  return [number] { return number; };
}

std::vector<absl::Duration> Waits(Backoff& backoff, size_t count) {
  std::vector<absl::Duration> waits(count);
  std::generate(waits.begin(), waits.end(), [&] { return backoff.Next(); });
  return waits;
}

TEST(BackoffTest, TheLongestWaitsDoubleUpToTheCap) {
  Backoff backoff(kPolicy, Always(0.0));

  EXPECT_THAT(
      Waits(backoff, 6),
      ElementsAre(absl::Seconds(1), absl::Seconds(2), absl::Seconds(4),
                  absl::Seconds(8), absl::Seconds(10), absl::Seconds(10)));
}

TEST(BackoffTest, TheWaitIsSpreadOverTheWholeRangeByTheInjectedNumbers) {
  std::deque<double> draws = {0.75, 0.5, 0.25};
  Backoff backoff(kPolicy, [&draws] {
    const double draw = draws.front();
    draws.pop_front();
    return draw;
  });

  EXPECT_THAT(
      Waits(backoff, 3),
      ElementsAre(absl::Milliseconds(250), absl::Seconds(1), absl::Seconds(3)));
  EXPECT_TRUE(draws.empty()) << "one number a wait";
}

TEST(BackoffTest, AWaitIsNeverNothing) {
  // A wait of zero would be a busy loop against a server that is down.
  Backoff backoff(kPolicy, Always(kAlmostOne));

  for (const absl::Duration wait : Waits(backoff, 8)) {
    EXPECT_GT(wait, absl::ZeroDuration());
  }
}

TEST(BackoffTest, AfterASuccessItStartsOver) {
  Backoff backoff(kPolicy, Always(0.0));
  Waits(backoff, 5);

  backoff.Reset();

  EXPECT_THAT(Waits(backoff, 2),
              ElementsAre(absl::Seconds(1), absl::Seconds(2)));
}

TEST(BackoffTest, AYearOfFailuresStaysAtTheCap) {
  Backoff backoff(kPolicy, Always(0.0));

  const std::vector<absl::Duration> waits = Waits(backoff, 100'000);

  EXPECT_EQ(waits.back(), kPolicy.cap);
  EXPECT_EQ(*std::max_element(waits.begin(), waits.end()), kPolicy.cap);
}

TEST(BackoffTest, TheRealNumbersAreInRangeAndSpread) {
  double sum = 0;
  constexpr int kDraws = 10'000;
  for (int i = 0; i < kDraws; ++i) {
    const double draw = RealUniformRandom();
    ASSERT_GE(draw, 0.0);
    ASSERT_LT(draw, 1.0);
    sum += draw;
  }
  // The mean's standard deviation is 0.003: this is off once in 10^60 runs.
  EXPECT_NEAR(sum / kDraws, 0.5, 0.05);
}

}  // namespace
}  // namespace mentiond
