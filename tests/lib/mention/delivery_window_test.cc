#include "lib/mention/delivery_window.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace mentiond {
namespace {

constexpr absl::Duration kOverlap = absl::Minutes(2);
const absl::Time kNoon = absl::FromUnixSeconds(1'700'000'000);

// The same window, after a journey in a token.
DeliveryWindow Carried(const DeliveryWindow& window, uint32_t bytes = 4) {
  state::DeliveryWindow state;
  window.Save(state, bytes);
  DeliveryWindow other(kOverlap);
  EXPECT_TRUE(other.Load(state));
  return other;
}

TEST(DeliveryWindowTest, KnowsWhatWasDeliveredHereAndElsewhere) {
  DeliveryWindow window(kOverlap);
  EXPECT_EQ(window.Begin(), std::nullopt);
  EXPECT_TRUE(window.IsNew(kNoon, 7));
  window.Add(kNoon, 7);
  window.Advance(kNoon + absl::Seconds(30));

  for (const DeliveryWindow& one : {window, Carried(window)}) {
    EXPECT_EQ(one.Begin(), kNoon - absl::Seconds(90));
    EXPECT_EQ(one.furthest(), kNoon + absl::Seconds(30));
    EXPECT_FALSE(one.IsNew(kNoon, 7));
    EXPECT_TRUE(one.IsNew(kNoon, 8));
    EXPECT_TRUE(one.IsNew(kNoon + absl::Seconds(1), 7)) << "another version";
    EXPECT_TRUE(one.IsNew(kNoon - absl::Seconds(90), 7));
    EXPECT_FALSE(one.IsNew(kNoon - absl::Seconds(91), 9)) << "dealt with";
  }
}

TEST(DeliveryWindowTest, ForgetsWhatLeavesTheOverlap) {
  DeliveryWindow window(kOverlap);
  for (int i = 0; i < 1000; ++i) {
    const absl::Time time = kNoon + absl::Seconds(i);
    window.Add(time, static_cast<uint32_t>(i));
    window.Advance(time);
  }
  EXPECT_EQ(window.size(), 121U);
}

TEST(DeliveryWindowTest, GivesUpItsOldestSecondsFirstAndNeverTheLast) {
  DeliveryWindow window(kOverlap);
  for (uint32_t i = 0; i < 30; ++i) {
    window.Add(kNoon + absl::Seconds(i / 10), i);
  }
  ASSERT_TRUE(window.Shrink(5));
  EXPECT_EQ(window.size(), 20U) << "a second goes as a whole";
  EXPECT_EQ(window.Begin(), kNoon + absl::Seconds(1));
  EXPECT_FALSE(window.IsNew(kNoon, 99)) << "what is given up is not repeated";
  EXPECT_FALSE(window.IsNew(kNoon + absl::Seconds(1), 15));
  EXPECT_TRUE(window.IsNew(kNoon + absl::Seconds(1), 99));

  while (window.Shrink(1)) {
  }
  EXPECT_EQ(window.size(), 10U);
  EXPECT_FALSE(window.IsNew(kNoon + absl::Seconds(2), 25));
  EXPECT_TRUE(window.IsNew(kNoon + absl::Seconds(2), 99));

  const DeliveryWindow carried = Carried(window);
  EXPECT_FALSE(carried.IsNew(kNoon + absl::Seconds(1), 99));
  window.GiveUpAll();
  EXPECT_FALSE(window.IsNew(kNoon + absl::Seconds(2), 99));
  EXPECT_TRUE(window.IsNew(kNoon + absl::Seconds(3), 99));
}

TEST(DeliveryWindowTest, ShortFingerprintsRepeatNothingHoweverOftenCarried) {
  DeliveryWindow window(kOverlap);
  window.Add(kNoon, 0x12345678);
  const DeliveryWindow once = Carried(window, 2);
  EXPECT_FALSE(once.IsNew(kNoon, 0x12345678));
  EXPECT_TRUE(once.IsNew(kNoon, 0x12345679));
  EXPECT_FALSE(once.IsNew(kNoon, 0x99995678)) << "lost, but not repeated";
  DeliveryWindow twice = Carried(once, 4);
  EXPECT_FALSE(twice.IsNew(kNoon, 0x12345678));
  twice.Add(kNoon, 0x12345679);
  EXPECT_FALSE(Carried(twice).IsNew(kNoon, 0x12345679));
}

TEST(DeliveryWindowTest, WhatIsNoWindowIsRefused) {
  const auto refused = [](auto spoil) {
    state::DeliveryWindow state;
    spoil(state);
    return !DeliveryWindow(kOverlap).Load(state);
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& s) { s.set_furthest(INT64_MAX); }));
  EXPECT_TRUE(refused([](auto& s) { s.set_floor(INT64_MIN); }));
  EXPECT_TRUE(refused([](auto& s) { s.set_fingerprint_bytes(5); }));
  EXPECT_TRUE(refused([](auto& s) { s.add_seconds()->set_delta(INT64_MAX); }));
  EXPECT_TRUE(refused([](auto& s) {
    s.add_seconds()->set_delta(253402300799);
    s.add_seconds()->set_delta(253402300799);
  }));
  EXPECT_TRUE(
      refused([](auto& s) { s.add_seconds()->set_fingerprints("abc"); }));
}

}  // namespace
}  // namespace mentiond
