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

TEST(ScheduleTest, StreamsThatShareRequestsPollAtTheSameTimeWheneverTheyBegan) {
  const absl::Time poll = Of("o/r").After(kNoon, kInterval);
  for (const int seconds : {0, 1, 13, 59}) {
    const absl::Time began = poll - absl::Seconds(seconds) - absl::Hours(7);
    EXPECT_EQ((Of("O/R").After(began, kInterval) - poll) % kInterval,
              absl::ZeroDuration());
  }
}

TEST(ScheduleTest, TheSameRequestsAreDueAtTheSameTimeInEveryProcess) {
  // As written down once: a server on another machine computes the same.
  const RepoName repo = *RepoName::Parse("octo/demo", "github.com");
  EXPECT_EQ(PhaseOf(Secret("ghp_one"), repo), 12'101'816'087'779'914'045U);
  EXPECT_EQ(PhaseOf(Secret(), repo), 12'982'517'137'409'108'485U);
}

TEST(ScheduleTest, OthersAreSpreadOverTheInterval) {
  std::set<int64_t> tenths;
  std::set<absl::Time> polls;
  for (int i = 0; i < 200; ++i) {
    const absl::Time poll = Of(absl::StrCat("o/r", i)).After(kNoon, kInterval);
    polls.insert(poll);
    tenths.insert((poll - kNoon) / (kInterval / 10));
  }
  EXPECT_GE(tenths.size(), 10U);
  EXPECT_GT(polls.size(), 150U);
  EXPECT_NE(Of("o/r", "ghp_one").After(kNoon, kInterval),
            Of("o/r", "ghp_two").After(kNoon, kInterval));
}

TEST(ScheduleTest, PollsAreDueTogetherInStepsOfFiftyMilliseconds) {
  const absl::Duration step = absl::Milliseconds(50);
  for (int i = 0; i < 200; ++i) {
    const absl::Time poll = Of(absl::StrCat("o/r", i)).After(kNoon, kInterval);
    EXPECT_EQ((poll - absl::UnixEpoch()) % step, absl::ZeroDuration());
  }
}

TEST(ScheduleTest, EveryTenthPollIsAFullOneForAllAtOnce) {
  const Schedule schedule = Of("o/r");
  int full = 0;
  absl::Time poll = kNoon;
  for (int i = 0; i < 100; ++i) {
    poll = schedule.After(poll, kInterval);
    if (schedule.IsFull(poll, kInterval)) ++full;
    EXPECT_EQ(schedule.IsFull(poll, kInterval),
              Of("o/r").IsFull(poll, kInterval));
    EXPECT_EQ(
        schedule.IsFull(poll, kInterval),
        schedule.IsFull(poll + kInterval - absl::Nanoseconds(1), kInterval))
        << "late by less than an interval it is the same poll";
  }
  EXPECT_EQ(full, 10);
}

TEST(ScheduleTest, EveryPollIsFullWithFullEveryOne) {
  const Schedule schedule = Of("o/r", "ghp_one", 1);
  absl::Time poll = kNoon;
  for (int i = 0; i < 10; ++i) {
    poll = schedule.After(poll, kInterval);
    EXPECT_TRUE(schedule.IsFull(poll, kInterval));
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
  int due = 0;
  for (absl::Time time = kNoon; time < kNoon + absl::Hours(10 * 24);
       time += absl::Minutes(10)) {
    const int64_t more = schedule.FullReadNumber(time + absl::Minutes(10)) -
                         schedule.FullReadNumber(time);
    EXPECT_GE(more, 0);
    due += static_cast<int>(more);
    EXPECT_EQ(schedule.FullReadNumber(time), Of("O/R").FullReadNumber(time));
  }
  EXPECT_EQ(due, 10);
}

TEST(ScheduleTest, NoFullReadIsEverDueWithAnInfiniteInterval) {
  const Schedule schedule(10, absl::InfiniteDuration(), 12345);
  EXPECT_EQ(schedule.FullReadNumber(kNoon),
            schedule.FullReadNumber(kNoon + absl::Hours(24 * 10000)));
}

}  // namespace
}  // namespace mentiond
