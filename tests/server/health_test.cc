#include "server/health.h"

#include "asio/io_context.hpp"
#include "gtest/gtest.h"

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {
namespace {

TEST(HealthTest, ALoopThatDoesNotTurnForThirtySecondsIsNotAlive) {
  FakeClock clock;
  asio::io_context good;
  asio::io_context stuck;
  Health health(clock, {good.get_executor(), stuck.get_executor()});
  // Given two loops, of which one turns no more,
  EXPECT_TRUE(health.IsLive()) << "the first probe";
  for (int seconds = 0; seconds < 30; seconds += 10) {
    EXPECT_TRUE(health.IsLive()) << seconds;
    RunReady(good);
    clock.Advance(absl::Seconds(10));
  }
  EXPECT_FALSE(health.IsLive());
  // when it turns again, then all is well, and so it is long after.
  RunReady(stuck);
  RunReady(good);
  EXPECT_TRUE(health.IsLive());
  RunReady(stuck);
  RunReady(good);
  clock.Advance(absl::Hours(1));
  EXPECT_TRUE(health.IsLive()) << "nobody has asked meanwhile";
}

TEST(HealthTest, ReadinessIsAsItWasSet) {
  FakeClock clock;
  Health health(clock, {});
  EXPECT_FALSE(health.ready()) << "not before the server listens";
  health.SetReady(true);
  EXPECT_TRUE(health.ready());
  health.SetReady(false);
  EXPECT_FALSE(health.ready());
  EXPECT_TRUE(health.IsLive()) << "a server that drains is alive";
}

}  // namespace
}  // namespace mentiond
