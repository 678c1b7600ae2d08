#include "lib/base/backoff.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using Waits = std::vector<absl::Duration>;

constexpr BackoffPolicy kPolicy = {.initial = absl::Seconds(1),
                                   .cap = absl::Seconds(10)};

Waits NextWaits(Backoff& backoff, int count) {
  Waits waits;
  for (; count > 0; --count) waits.push_back(backoff.Next());
  return waits;
}

TEST(BackoffTest, TheLongestWaitsDoubleUpToTheCapAndStartOverAfterASuccess) {
  Backoff backoff(kPolicy, [] { return 0.0; });
  EXPECT_EQ(NextWaits(backoff, 5),
            (Waits{absl::Seconds(1), absl::Seconds(2), absl::Seconds(4),
                   absl::Seconds(8), absl::Seconds(10)}));
  // After a year of failures, too.
  EXPECT_THAT(NextWaits(backoff, 100'000), testing::Each(kPolicy.cap));
  backoff.Reset();
  EXPECT_EQ(NextWaits(backoff, 2), (Waits{absl::Seconds(1), absl::Seconds(2)}));
}

TEST(BackoffTest, TheWaitIsSpreadOverTheWholeRangeByTheInjectedNumbers) {
  std::vector<double> draws = {0.25, 0.5, 0.75};
  Backoff backoff(kPolicy, [&draws] {
    const double draw = draws.back();
    draws.pop_back();
    return draw;
  });
  EXPECT_EQ(NextWaits(backoff, 3), (Waits{absl::Milliseconds(250),
                                          absl::Seconds(1), absl::Seconds(3)}));
  EXPECT_TRUE(draws.empty()) << "one number a wait";
}

TEST(BackoffTest, AWaitIsNeverNothing) {
  // A wait of zero would be a busy loop against a server that is down. The
  // largest number below 1 is the least patient draw there is.
  Backoff backoff(kPolicy, [] { return std::nextafter(1.0, 0.0); });
  EXPECT_THAT(NextWaits(backoff, 8),
              testing::Each(testing::Gt(absl::ZeroDuration())));
}

TEST(BackoffTest, TheRealNumbersAreInRangeAndSpread) {
  double sum = 0;
  constexpr int kDraws = 10'000;
  for (int i = 0; i < kDraws; ++i) {
    const double draw = RealUniformRandom();
    ASSERT_TRUE(0.0 <= draw && draw < 1.0) << draw;
    sum += draw;
  }
  // The mean's standard deviation is 0.003: this is off once in 10^60 runs.
  EXPECT_NEAR(sum / kDraws, 0.5, 0.05);
}

}  // namespace
}  // namespace mentiond
