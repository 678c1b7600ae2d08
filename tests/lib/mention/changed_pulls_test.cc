#include "lib/mention/changed_pulls.h"

#include <optional>

#include "gtest/gtest.h"

namespace mentiond {
namespace {

const absl::Time kNoon = absl::FromUnixSeconds(1'700'000'000);

TEST(ChangedPullsTest, HasNothingToReadAtFirst) {
  const ChangedPulls pulls;
  EXPECT_EQ(pulls.Next(), std::nullopt);
  EXPECT_EQ(pulls.size(), 0);
}

TEST(ChangedPullsTest, GivesEachChangedPullRequestOnce) {
  ChangedPulls pulls;
  pulls.Note(7, kNoon);
  pulls.Note(3, kNoon);
  pulls.Note(7, kNoon + absl::Seconds(1));
  EXPECT_EQ(pulls.size(), 2);
  EXPECT_EQ(pulls.Next(), 3);
  pulls.MarkRead(3);
  EXPECT_EQ(pulls.Next(), 7);
  pulls.MarkRead(7);
  EXPECT_EQ(pulls.Next(), std::nullopt);
}

TEST(ChangedPullsTest, DoesNotReadAgainWhatHasNotMoved) {
  ChangedPulls pulls;
  pulls.Note(7, kNoon);
  pulls.MarkRead(7);
  pulls.Note(7, kNoon);
  EXPECT_EQ(pulls.Next(), std::nullopt);
  pulls.Note(7, kNoon + absl::Seconds(1));
  EXPECT_EQ(pulls.Next(), 7);
}

TEST(ChangedPullsTest, KeepsOfferingAPullRequestThatCouldNotBeRead) {
  ChangedPulls pulls;
  pulls.Note(7, kNoon);
  EXPECT_EQ(pulls.Next(), 7);
  EXPECT_EQ(pulls.Next(), 7);
}

TEST(ChangedPullsTest, ForgetsTimesButNotWhatIsStillToBeRead) {
  ChangedPulls pulls;
  pulls.Note(7, kNoon);
  pulls.ForgetBefore(kNoon + absl::Seconds(1));
  EXPECT_EQ(pulls.Next(), 7);
  pulls.MarkRead(7);
  pulls.Note(7, kNoon);
  EXPECT_EQ(pulls.Next(), 7) << "forgotten, so it counts as changed";
}

}  // namespace
}  // namespace mentiond
