#include "lib/base/log_limit.h"

#include <sstream>

#include "gtest/gtest.h"

namespace mentiond {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

TEST(LogLimitTest, OfAFloodAFewLinesASecondAreAdmittedAndTheOthersCounted) {
  // Given two lines a second, when five are to be logged at once, then three
  // are left out,
  LogLimit limit(2);
  EXPECT_EQ(limit.Admit(kNow)->lines, 0);
  EXPECT_EQ(limit.Admit(kNow)->lines, 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(limit.Admit(kNow + absl::Milliseconds(999)));
  }
  // which the next line tells, and only that one.
  const absl::Time next = kNow + absl::Seconds(1);
  EXPECT_EQ(limit.Admit(next)->lines, 3);
  EXPECT_EQ(limit.Admit(next)->lines, 0);
  EXPECT_FALSE(limit.Admit(next));
}

TEST(LogLimitTest, AClockThatIsSetBackSilencesNothing) {
  LogLimit limit;
  EXPECT_TRUE(limit.Admit(kNow));
  EXPECT_TRUE(limit.Admit(kNow - absl::Hours(1)));
  EXPECT_FALSE(limit.Admit(kNow - absl::Hours(1)));
}

TEST(LogLimitTest, NothingIsSaidWhereNothingWasLeftOut) {
  std::ostringstream out;
  out << LeftOut{.lines = 0} << LeftOut{.lines = 7};
  EXPECT_EQ(out.str(), " (7 more since the last such line)");
}

}  // namespace
}  // namespace mentiond
