// The set of delivered versions.

#include "lib/subscription/delivered_set.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "lib/subscription/progress.h"
#include "lib/subscription/resume_token.h"
#include "tests/fakes/effort.h"

namespace mentiond {
namespace {

Item At(int64_t second, int64_t id,
        Source source = Source::SOURCE_REVIEW_COMMENT) {
  Item item;
  item.source = source;
  item.id = id;
  item.number = id + 1000;
  item.updated_at = absl::FromUnixSeconds(1'700'000'000 + second);
  return item;
}

// A version is an id and a time, so an edit is new. Whatever is inserted, saved
// and loaded, or forgotten, what is new is what was neither delivered nor is
// below the floor, which only rises.
TEST(DeliveredSetTest, IsAsASetOfVersionsWithAFloor) {
  using Steps = std::vector<std::pair<uint8_t, uint8_t>>;
  EXPECT_TRUE(Holds("delivered set", 300, 100, [](const Steps& steps) {
    DeliveredSet set;
    std::set<std::pair<int64_t, int64_t>> delivered;
    int64_t floor = -1;
    for (const auto& [what, value] : steps) {
      const int64_t second = value % 16;
      if (what % 16 < 10) {
        if (!set.IsNew(At(second, value / 16))) continue;
        set.Insert(At(second, value / 16));
        delivered.insert({second, value / 16});
      } else if (what % 16 < 12) {
        set.RaiseFloor(At(second, 0).updated_at);
        floor = std::max(floor, second);
      } else if (what % 16 < 15) {
        state::DeliveredSet state;
        set.Save(state);
        set = DeliveredSet::Load(state).value();
      } else if (set.size() > 0) {
        const size_t before = set.size();
        set.ForgetOlderHalf();
        RC_ASSERT(set.size() < before);
        const int64_t now = absl::ToUnixSeconds(*set.floor()) - 1'700'000'000;
        RC_ASSERT(now > floor);
        floor = now;
        // Those of the last second stay, unless there are no others.
        RC_ASSERT(set.size() > 0 || std::prev(delivered.end())->first < now);
      }
      for (int64_t id = 0; id < 16; ++id) {
        RC_ASSERT(set.IsNew(At(second, id)) ==
                  (second >= floor && !delivered.contains({second, id})));
      }
    }
  }));
}

TEST(DeliveredSetTest, ADescriptionIsTheSameWhicheverApiShowsIt) {
  DeliveredSet set;
  Item by_rest = At(1, 1, Source::SOURCE_PULL_REQUEST);
  set.Insert(by_rest);
  Item by_graphql = by_rest;
  by_graphql.id = 77;
  EXPECT_FALSE(set.IsNew(by_graphql));
}

// Shows: a resume token has at most 4 KiB
TEST(ProgressTest, FitsAResumeTokenHoweverMuchWasDelivered) {
  Progress progress(std::nullopt, mentions::v1::HISTORY_COMPLETE);
  for (size_t i = 0; i < kMaxPending; ++i) {
    progress.pending.insert({.number = static_cast<int64_t>(i * 500 + 1)});
  }
  for (int64_t id = 0; id < 5000; ++id) {
    for (const SourceInfo& info : kSources) {
      progress.delivered(info.source).Insert(At(id / 3, id, info.source));
    }
  }
  const std::string token = EncodeResumeToken(progress, 7);
  EXPECT_LE(token.size(), kMaxResumeTokenBytes);
  auto resumed = DecodeResumeToken(token, 7);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_EQ(resumed->pending, progress.pending);
  for (int64_t id = 0; id < 5000; ++id) {
    for (const SourceInfo& info : kSources) {
      EXPECT_FALSE(
          resumed->delivered(info.source).IsNew(At(id / 3, id, info.source)));
    }
  }
}

}  // namespace
}  // namespace mentiond
