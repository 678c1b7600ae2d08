#include "lib/stream/registry.h"

#include <memory>
#include <optional>
#include <set>

#include "gtest/gtest.h"

#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

class RegistryTest : public StreamFixture {
 protected:
  ~RegistryTest() override {
    registry_.Close(absl::UnavailableError("the test is over"), [] {});
    Run();
  }

  std::optional<absl::Status> EndOf(EventQueue& queue) {
    std::optional<absl::Status> end;
    Drain(queue, &end);
    return end;
  }

  StreamRegistry registry_{
      {{loop_.get_executor(), environment_}},
      {.max_streams = 3, .slow_reader_timeout = absl::Minutes(4)}};
};

TEST_F(RegistryTest, KeepsAPollerUnderItsStreamsIdUntilItIsCancelled) {
  const auto queue = MakeQueue();
  const auto id = registry_.Open(MakeSubscription(), queue);
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(registry_.size(), 1);
  Run();
  EXPECT_EQ(EndOf(*queue), std::nullopt);

  registry_.Cancel(*id);
  Run();
  EXPECT_EQ(registry_.size(), 0);
  EXPECT_TRUE(absl::IsCancelled(EndOf(*queue).value()));
}

TEST_F(RegistryTest, CancelsAStreamThatHasNotStarted) {
  const auto queue = MakeQueue();
  const auto id = registry_.Open(MakeSubscription(), queue);
  registry_.Cancel(*id);
  Run();
  EXPECT_EQ(registry_.size(), 0);
  EXPECT_TRUE(absl::IsCancelled(EndOf(*queue).value()));
}

TEST_F(RegistryTest, IgnoresUnknownIdsAndSecondCancels) {
  const auto queue = MakeQueue();
  const auto id = registry_.Open(MakeSubscription(), queue);
  Run();
  registry_.Cancel(StreamId::Random());
  registry_.Cancel(*id);
  registry_.Cancel(*id);
  Run();
  registry_.Cancel(*id);
  Run();
  EXPECT_EQ(registry_.size(), 0);
}

TEST_F(RegistryTest, APollersFailureEndsItsStreamAlone) {
  const auto doomed = MakeQueue();
  const auto healthy = MakeQueue();
  ASSERT_TRUE(registry_.Open(MakeSubscription(), healthy).ok());
  Run();
  github_.AddFault(Fault::Answer("/issues", 401, R"({"message":"Bad"})"));
  ASSERT_TRUE(registry_.Open(MakeSubscription(), doomed).ok());
  Run();
  EXPECT_TRUE(absl::IsUnauthenticated(EndOf(*doomed).value()));
  EXPECT_EQ(EndOf(*healthy), std::nullopt);
  EXPECT_EQ(registry_.size(), 1);
}

TEST_F(RegistryTest, HasRoomAgainWhenAStreamHasEnded) {
  std::set<StreamId> ids;
  StreamId last;
  for (int i = 0; i < 3; ++i) {
    const auto id = registry_.Open(MakeSubscription(), MakeQueue());
    ASSERT_TRUE(id.ok());
    last = *id;
    ids.insert(*id);
  }
  EXPECT_EQ(ids.size(), 3);
  EXPECT_TRUE(absl::IsResourceExhausted(
      registry_.Open(MakeSubscription(), MakeQueue()).status()));
  registry_.Cancel(last);
  Run();
  EXPECT_TRUE(registry_.Open(MakeSubscription(), MakeQueue()).ok());
}

TEST_F(RegistryTest, CloseEndsAllStreamsAndTellsWhenTheyAreGone) {
  const auto started = MakeQueue();
  ASSERT_TRUE(registry_.Open(MakeSubscription(), started).ok());
  Run();
  const auto not_started = MakeQueue();
  ASSERT_TRUE(registry_.Open(MakeSubscription(), not_started).ok());

  bool closed = false;
  registry_.Close(absl::UnavailableError("draining"), [&] { closed = true; });
  EXPECT_FALSE(closed);
  Run();
  EXPECT_TRUE(closed);
  EXPECT_EQ(EndOf(*started), absl::UnavailableError("draining"));
  EXPECT_EQ(EndOf(*not_started), absl::UnavailableError("draining"));
  EXPECT_EQ(registry_.Open(MakeSubscription(), MakeQueue()).status(),
            absl::UnavailableError("draining"));
}

TEST_F(RegistryTest, CloseWithoutStreamsReportsToo) {
  bool closed = false;
  registry_.Close(absl::UnavailableError("draining"), [&] { closed = true; });
  Run();
  EXPECT_TRUE(closed);
}

TEST_F(RegistryTest, EndsTheStreamOfAReaderThatStalledAndNoOther) {
  // Given two streams, of which one is read
  repo_.AddPull("mona", "Hello @octocat");
  const auto stalled = MakeQueue();
  const auto read = MakeQueue();
  ASSERT_TRUE(registry_.Open(MakeSubscription(), stalled).ok());
  ASSERT_TRUE(registry_.Open(MakeSubscription(), read).ok());
  for (int minute = 0; minute < 6; ++minute) {
    Run();
    EXPECT_EQ(EndOf(*read), std::nullopt);
    EXPECT_EQ(registry_.size(), minute < 4 ? 2 : 1) << minute;
    clock_.Advance(absl::Minutes(1));
  }

  // then the other one ends with the reason, and holds nothing any more.
  std::optional<absl::Status> end;
  EXPECT_TRUE(Drain(*stalled, &end).empty());
  ASSERT_TRUE(end.has_value());
  EXPECT_TRUE(absl::IsResourceExhausted(*end)) << *end;
  EXPECT_TRUE(stalled->abandoned());
  Run();
  EXPECT_EQ(EndOf(*read), std::nullopt);
}

}  // namespace
}  // namespace mentiond
