#include "client/terminal/relative_time.h"

#include <gtest/gtest.h>

namespace mentiond::terminal {
namespace {

std::string Ago(absl::Duration age) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  return RelativeTime(now - age, now);
}

TEST(RelativeTimeTest, UsesTheLargestUnitForThePast) {
  EXPECT_EQ(Ago(absl::ZeroDuration()), "just now");
  EXPECT_EQ(Ago(absl::Seconds(12)), "12 s ago");
  EXPECT_EQ(Ago(absl::Seconds(59.9)), "59 s ago");
  EXPECT_EQ(Ago(absl::Minutes(3)), "3 min ago");
  EXPECT_EQ(Ago(absl::Minutes(59)), "59 min ago");
  EXPECT_EQ(Ago(absl::Hours(23)), "23 h ago");
  EXPECT_EQ(Ago(absl::Hours(24)), "1 day ago");
  EXPECT_EQ(Ago(absl::Hours(24 * 30)), "30 days ago");
  EXPECT_EQ(Ago(absl::Hours(24 * 31)), "1 month ago");
  EXPECT_EQ(Ago(absl::Hours(24 * 364)), "11 months ago");
  EXPECT_EQ(Ago(absl::Hours(24 * 365)), "1 year ago");
  EXPECT_EQ(Ago(absl::Hours(24 * 731)), "2 years ago");
}

TEST(RelativeTimeTest, FormatsTheFuture) {
  EXPECT_EQ(Ago(-absl::Minutes(5)), "in 5 min");
}

TEST(RelativeTimeTest, ToleratesClockSkew) {
  EXPECT_EQ(Ago(-absl::Seconds(9)), "just now");
}

TEST(RelativeTimeTest, HandlesOutOfRangeTimes) {
  EXPECT_EQ(RelativeTime(absl::UnixEpoch(), absl::FromUnixSeconds(1)),
            "just now");
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  EXPECT_FALSE(RelativeTime(absl::InfinitePast(), now).empty());
  EXPECT_FALSE(RelativeTime(absl::InfiniteFuture(), now).empty());
}

}  // namespace
}  // namespace mentiond::terminal
