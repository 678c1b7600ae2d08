#include "lib/stream/schedule.h"

#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

constexpr absl::Duration kInterval = absl::Minutes(1);
const absl::Time kNoon = absl::FromUnixSeconds(1'700'000'000);

Schedule Of(const std::string& repo, const std::string& token = "ghp_one",
            int full_every = 10) {
  return Schedule(full_every, absl::Hours(24),
                  PhaseOf(Secret(token), *RepoName::Parse(repo, "github.com")));
}

TEST(ScheduleTest, ThePollsFollowEachOtherByTheInterval) {
  const Schedule schedule = Of("o/r");
  absl::Time poll = schedule.After(kNoon, kInterval);
  EXPECT_GT(poll, kNoon);
  EXPECT_LE(poll, kNoon + kInterval);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(schedule.After(poll, kInterval), poll + kInterval);
    EXPECT_EQ(
        schedule.After(poll + kInterval - absl::Nanoseconds(1), kInterval),
        poll + kInterval)
        << "one that took long does not shift the next";
    poll += kInterval;
  }
}

TEST(ScheduleTest, TheSameRequestsAreDueAtTheSameTimeInEveryProcess) {
  // As written down once: a server on another machine computes the same.
  const RepoName repo = *RepoName::Parse("octo/demo", "github.com");
  EXPECT_EQ(PhaseOf(Secret("ghp_one"), repo), 12'101'816'087'779'914'045U);
  EXPECT_EQ(PhaseOf(Secret(), repo), 12'982'517'137'409'108'485U);
}

TEST(ScheduleTest, OthersAreSpreadOverTheIntervalInStepsOfFiftyMilliseconds) {
  std::set<int64_t> tenths;
  std::set<absl::Time> polls;
  for (int i = 0; i < 200; ++i) {
    const absl::Time poll = Of(absl::StrCat("o/r", i)).After(kNoon, kInterval);
    polls.insert(poll);
    tenths.insert((poll - kNoon) / (kInterval / 10));
    EXPECT_EQ((poll - absl::UnixEpoch()) % absl::Milliseconds(50),
              absl::ZeroDuration());
  }
  EXPECT_GE(tenths.size(), 10U);
  EXPECT_GT(polls.size(), 150U);
  EXPECT_NE(Of("o/r", "ghp_one").After(kNoon, kInterval),
            Of("o/r", "ghp_two").After(kNoon, kInterval));
}

TEST(ScheduleTest, EveryNthPollIsAFullOneForAllAtOnce) {
  for (const int every : {1, 3, 10}) {
    const Schedule schedule = Of("o/r", "ghp_one", every);
    int full = 0;
    absl::Time poll = kNoon;
    for (int i = 0; i < 30 * every; ++i) {
      poll = schedule.After(poll, kInterval);
      const bool is_full = schedule.IsFull(poll, kInterval);
      if (is_full) ++full;
      EXPECT_EQ(is_full, Of("O/R", "ghp_one", every).IsFull(poll, kInterval));
      EXPECT_EQ(
          is_full,
          schedule.IsFull(poll + kInterval - absl::Nanoseconds(1), kInterval))
          << "late by less than an interval it is the same poll";
    }
    EXPECT_EQ(full, 30) << every;
  }
}

TEST(ScheduleTest, AFewRepositoriesAreEachPolledAtTheIntervalMoreLessOften) {
  const auto seconds = [](size_t repositories, int full_every = 10) {
    return absl::ToInt64Seconds(
        SustainableInterval(kInterval, full_every, repositories, 900));
  };
  EXPECT_EQ(seconds(0), 60);
  EXPECT_EQ(seconds(1), 60);
  EXPECT_EQ(seconds(500), 60);
  EXPECT_EQ(seconds(501), 75);
  EXPECT_EQ(seconds(1000), 120);
  EXPECT_EQ(seconds(200, 1), 60) << "three requests each";
  EXPECT_EQ(seconds(201, 1), 75);
  EXPECT_EQ(SustainableInterval(kInterval, 10, 1'000'000, 0), kInterval)
      << "there is no limit";
}

TEST(ScheduleTest, AFullReadIsDueOnceInItsIntervalForAllAtOnce) {
  const Schedule schedule = Of("o/r");
  const Schedule never(10, absl::InfiniteDuration(), 12345);
  int64_t before = schedule.FullReadNumber(kNoon);
  const int64_t first = before;
  for (int i = 0; i <= 10 * 24; ++i) {
    const absl::Time time = kNoon + i * absl::Hours(1);
    const int64_t number = schedule.FullReadNumber(time);
    EXPECT_GE(number, before);
    before = number;
    EXPECT_EQ(number, Of("O/R").FullReadNumber(time));
    EXPECT_EQ(never.FullReadNumber(time), never.FullReadNumber(kNoon));
  }
  EXPECT_EQ(before, first + 10);
}

}  // namespace
}  // namespace mentiond
