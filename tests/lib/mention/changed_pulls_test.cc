#include "lib/mention/changed_pulls.h"

#include <optional>
#include <vector>

#include "gtest/gtest.h"

namespace mentiond {
namespace {

constexpr absl::Duration kLag = absl::Minutes(2);
const absl::Time kNoon = absl::FromUnixSeconds(1'700'000'000);
const absl::Time kLongAgo = kNoon - absl::Hours(24);

class ChangedPullsTest : public testing::Test {
 protected:
  // Reads all that is due in a round that begins at `now`.
  std::vector<int64_t> Round(absl::Time now) {
    pulls_.BeginRound();
    return ReadDue(now);
  }
  std::vector<int64_t> ReadDue(absl::Time now) {
    std::vector<int64_t> read;
    while (const auto due = pulls_.Next()) {
      read.push_back(due->number);
      pulls_.MarkRead(due->number, now);
    }
    return read;
  }

  ChangedPulls pulls_{kLag};
};

TEST_F(ChangedPullsTest, HasNothingToReadAtFirst) {
  EXPECT_FALSE(pulls_.Next().has_value());
  EXPECT_EQ(pulls_.due(), 0);
}

TEST_F(ChangedPullsTest, GivesEachPullRequestOnceARound) {
  pulls_.Note(7, kLongAgo, kNoon);
  pulls_.Note(3, kLongAgo, kNoon);
  pulls_.Note(7, kLongAgo + absl::Seconds(1), kNoon);
  EXPECT_EQ(pulls_.due(), 2);
  EXPECT_EQ(ReadDue(kNoon), (std::vector<int64_t>{3, 7}));
}

TEST_F(ChangedPullsTest, ReadsOnceWhatMovedLongAgo) {
  pulls_.Note(7, kLongAgo, kNoon);
  EXPECT_EQ(ReadDue(kNoon), std::vector<int64_t>{7});
  pulls_.Note(7, kLongAgo, kNoon);
  EXPECT_TRUE(Round(kNoon).empty()) << "it has not moved";
  pulls_.Note(7, kLongAgo + absl::Seconds(1), kNoon);
  EXPECT_EQ(Round(kNoon), std::vector<int64_t>{7});
}

TEST_F(ChangedPullsTest, ReadsAgainWhatMovedJustNowUntilTheLagIsOver) {
  // Given a pull request that has just moved and was read
  pulls_.Note(7, kNoon, kNoon);
  EXPECT_EQ(ReadDue(kNoon), std::vector<int64_t>{7});

  // Then it is read in each round, though it does not move again, and for the
  // last time in the first round after the lag.
  EXPECT_EQ(Round(kNoon + kLag / 2), std::vector<int64_t>{7});
  EXPECT_EQ(Round(kNoon + kLag * 5), std::vector<int64_t>{7});
  EXPECT_TRUE(Round(kNoon + kLag * 6).empty());
}

TEST_F(ChangedPullsTest, TrustsItsOwnClockNoFurtherThanTenMinutes) {
  // GitHub's clock is nine minutes behind: this has just moved.
  pulls_.Note(7, kNoon - absl::Minutes(9), kNoon);
  ReadDue(kNoon);
  EXPECT_EQ(Round(kNoon + absl::Seconds(1)), std::vector<int64_t>{7});
}

TEST_F(ChangedPullsTest, KeepsOfferingAPullRequestThatCouldNotBeRead) {
  pulls_.Note(7, kLongAgo, kNoon);
  EXPECT_EQ(pulls_.Next()->number, 7);
  EXPECT_EQ(pulls_.Next()->number, 7);
  EXPECT_EQ(Round(kNoon), std::vector<int64_t>{7});
}

TEST_F(ChangedPullsTest, ForgetsOnlyWhatIsSettled) {
  pulls_.Note(3, kLongAgo, kNoon);
  pulls_.Note(7, kNoon, kNoon);
  ReadDue(kNoon);
  pulls_.ForgetBefore(kNoon + absl::Hours(1));
  EXPECT_EQ(Round(kNoon), std::vector<int64_t>{7});
  pulls_.Note(3, kLongAgo, kNoon);
  EXPECT_EQ(pulls_.Next()->number, 3) << "forgotten, so it counts as moved";
}

}  // namespace
}  // namespace mentiond
