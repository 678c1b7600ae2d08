// The set of delivered versions, by properties: whatever is forgotten, nothing
// is new twice.

#include "lib/subscription/delivered_set.h"

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

#include "lib/subscription/progress.h"
#include "lib/subscription/resume_token.h"

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

DeliveredSet Copied(const DeliveredSet& set) {
  state::DeliveredSet state;
  set.Save(state);
  return DeliveredSet::Load(state).value();
}

TEST(DeliveredSetTest, AVersionIsAnIdAndATime) {
  DeliveredSet set;
  EXPECT_TRUE(set.IsNew(At(1, 1)));
  set.Insert(At(1, 1));
  EXPECT_FALSE(set.IsNew(At(1, 1)));
  EXPECT_TRUE(set.IsNew(At(1, 2)));
  EXPECT_TRUE(set.IsNew(At(2, 1))) << "an edit";
}

TEST(DeliveredSetTest, ADescriptionIsTheSameWhicheverApiShowsIt) {
  DeliveredSet set;
  Item by_rest = At(1, 1, Source::SOURCE_PULL_REQUEST);
  set.Insert(by_rest);
  Item by_graphql = by_rest;
  by_graphql.id = 77;
  EXPECT_FALSE(set.IsNew(by_graphql));
}

TEST(DeliveredSetTest, NothingBelowTheFloorIsNew) {
  DeliveredSet set;
  set.Insert(At(5, 1));
  set.RaiseFloor(At(6, 0).updated_at);
  EXPECT_EQ(set.size(), 0U);
  EXPECT_FALSE(set.IsNew(At(5, 1)));
  EXPECT_FALSE(set.IsNew(At(5, 2)));
  EXPECT_TRUE(set.IsNew(At(6, 1)));
  set.RaiseFloor(At(1, 0).updated_at);
  EXPECT_FALSE(set.IsNew(At(5, 1))) << "it is never lowered";
}

// Of what is delivered, by any history of insertions, floors, tokens and
// forgetting.
RC_GTEST_PROP(DeliveredSetProperty, NothingIsNewTwice,
              (const std::vector<std::pair<uint8_t, uint8_t>>& steps)) {
  DeliveredSet set;
  std::set<std::pair<int64_t, int64_t>> delivered;
  for (const auto& [what, value] : steps) {
    const int64_t second = value % 16;
    const int64_t id = value / 16;
    if (what % 8 < 5) {
      if (!set.IsNew(At(second, id))) continue;
      RC_ASSERT(delivered.insert({second, id}).second);
      set.Insert(At(second, id));
      RC_ASSERT(!set.IsNew(At(second, id)));
    } else if (what % 8 == 5) {
      set.RaiseFloor(At(second, 0).updated_at);
    } else if (what % 8 == 6) {
      set = Copied(set);
    } else {
      const size_t before = set.size();
      set.ForgetOlderHalf();
      RC_ASSERT(before == 0 || set.size() < before);
    }
  }
  for (const auto& [second, id] : delivered) {
    RC_ASSERT(!set.IsNew(At(second, id)));
  }
}

// Without a floor in between, nothing is lost either.
RC_GTEST_PROP(DeliveredSetProperty, WhatWasNotDeliveredStaysNew,
              (const std::vector<std::pair<uint8_t, uint8_t>>& versions)) {
  DeliveredSet set;
  std::set<std::pair<int64_t, int64_t>> delivered;
  for (const auto& [second, id] : versions) {
    RC_ASSERT(set.IsNew(At(second, id)) == !delivered.contains({second, id}));
    set.Insert(At(second, id));
    delivered.insert({second, id});
    set = Copied(set);
  }
}

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
