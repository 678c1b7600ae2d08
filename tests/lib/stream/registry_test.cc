#include "lib/stream/registry.h"

#include <array>
#include <deque>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "asio/executor_work_guard.hpp"
#include "gmock/gmock.h"

#include "lib/base/hashed_token.h"
#include "lib/base/status_reason.h"
#include "tests/fakes/captured_log.h"
#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

class RegistryTest : public StreamFixture {
 protected:
  ~RegistryTest() override {
    registry_.Close(absl::UnavailableError("the test is over"), [] {});
    Run();
  }

  std::shared_ptr<EventQueue> MakeQueue() {
    return std::make_shared<EventQueue>(loop_.get_executor(), clock_,
                                        EventQueueLimits());
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
  for (const bool started : {true, false}) {
    const auto queue = MakeQueue();
    const auto id = registry_.Open(MakeSubscription(), queue);
    ASSERT_TRUE(id.ok());
    EXPECT_EQ(registry_.size(), 1U);
    if (started) Run();
    EXPECT_EQ(EndOf(*queue), std::nullopt);

    registry_.Cancel(StreamId::Random());  // unknown: ignored
    registry_.Cancel(*id);
    registry_.Cancel(*id);
    Run();
    registry_.Cancel(*id);
    Run();
    EXPECT_EQ(registry_.size(), 0U);
    EXPECT_TRUE(absl::IsCancelled(EndOf(*queue).value())) << started;
  }
}

TEST_F(RegistryTest, APollersFailureEndsItsStreamAlone) {
  const auto doomed = MakeQueue();
  const auto healthy = MakeQueue();
  ASSERT_TRUE(registry_.Open(MakeSubscription(), healthy).ok());
  Run();
  github_.AddFault(Fault::Answer("/issues", 404, R"({"message":"No"})"));
  ASSERT_TRUE(registry_.Open(MakeSubscription(), doomed).ok());
  Run();
  EXPECT_TRUE(absl::IsNotFound(EndOf(*doomed).value()));
  EXPECT_EQ(EndOf(*healthy), std::nullopt);
  EXPECT_EQ(registry_.size(), 1);
}

TEST_F(RegistryTest, DoesNotWaitForEverForALoopThatIsStuck) {
  ASSERT_TRUE(registry_.Open(MakeSubscription(), MakeQueue()).ok());
  const auto [streams, silent_loops] = registry_.Streams({}, {}, 10);
  EXPECT_THAT(streams, testing::IsEmpty());
  EXPECT_EQ(silent_loops, 1U);
  EXPECT_EQ(registry_.totals().silent_loops, 1U);
  // When the loop turns again, then nobody waits for its answers any more.
  Run();
  EXPECT_EQ(registry_.size(), 1U);
}

TEST_F(RegistryTest, ShowsWhatItsStreamsAreDoing) {
  // Given a stream on an event loop of its own, as the registry waits for it
  const auto queue = MakeQueue();
  const auto id = registry_.Open(
      MakeSubscription(), queue,
      {.peer = "ipv4:10.0.0.1:4711", .principal = "a\nb", .trace_parent = "t"});
  Run();
  const auto shown = [&](const StreamFilter& filter, StreamId after = {}) {
    std::vector<StreamView> views;
    std::thread other([&] {
      auto [streams, silent_loops] = registry_.Streams(filter, after, 10);
      views = std::move(streams);
      EXPECT_EQ(silent_loops, 0U);
    });
    const asio::executor_work_guard<asio::io_context::executor_type> work(
        loop_.get_executor());
    // One task: the registry's.
    loop_.restart();
    loop_.run_one();
    other.join();
    return views;
  };
  const auto views = shown({.repo = "Octo/Demo", .state = StreamState::kLive});
  ASSERT_EQ(views.size(), 1U);
  const StreamView& view = views[0];
  EXPECT_EQ(view.id, *id);
  EXPECT_EQ(view.polled_at, clock_.Now());
  EXPECT_GT(view.queued, 0U);
  EXPECT_EQ(AuditFields(view),
            "repo=octo/demo user=octocat peer=ipv4:10.0.0.1:4711 token=" +
                view.hashed_token + " principal=\"a\\nb\" traceparent=t");
  EXPECT_TRUE(shown({.user = "mona"}).empty());
  EXPECT_TRUE(shown({.state = StreamState::kDelayed}).empty());
  EXPECT_TRUE(shown({}, *id).empty()) << "they are on the page before";

  // When it has ended, that is shown, with its status.
  EXPECT_TRUE(registry_.RecentlyEnded().empty());
  registry_.Cancel(*id);
  Run();
  ASSERT_EQ(registry_.RecentlyEnded().size(), 1U);
  const StreamView ended = registry_.RecentlyEnded().front();
  EXPECT_EQ(ended.id, *id);
  EXPECT_TRUE(absl::IsCancelled(ended.status));
  EXPECT_EQ(ended.ended_at, clock_.Now());
}

TEST_F(RegistryTest, HasRoomAgainWhenAStreamHasEnded) {
  std::set<StreamId> ids;
  for (int i = 0; i < 3; ++i) {
    ids.insert(registry_.Open(MakeSubscription(), MakeQueue()).value());
  }
  EXPECT_EQ(ids.size(), 3U);
  EXPECT_TRUE(absl::IsResourceExhausted(
      registry_.Open(MakeSubscription(), MakeQueue()).status()));
  registry_.Cancel(*ids.begin());
  Run();
  EXPECT_TRUE(registry_.Open(MakeSubscription(), MakeQueue()).ok());
}

TEST_F(RegistryTest, AddressesOfOneIpv6NetworkAreOnePeerAndATokenIsOne) {
  StreamRegistry registry({{loop_.get_executor(), environment_}},
                          {.max_per_token = 2, .max_per_peer = 1});
  const auto open = [&](const std::string& peer, const char* token = "ghp_1") {
    return registry.Open(WithToken(token), MakeQueue(), {.peer = peer});
  };
  const auto first = open("ipv6:%5B2001:db8::1%5D:4711");
  ASSERT_TRUE(first.ok());
  const auto refused = [](const absl::StatusOr<StreamId>& opened) {
    EXPECT_TRUE(absl::IsResourceExhausted(opened.status()));
    return ReasonOf(opened.status());
  };
  EXPECT_EQ(refused(open("ipv6:%5B2001:db8::2%5D:4712")),
            "TOO_MANY_STREAMS_OF_PEER");
  EXPECT_TRUE(open("ipv6:%5B2001:db8:0:1::1%5D:4711").ok());
  EXPECT_EQ(refused(open("ipv4:10.0.0.1:4711")), "TOO_MANY_STREAMS_OF_TOKEN");
  EXPECT_TRUE(open("ipv4:10.0.0.1:4711", "ghp_2").ok());
  // When it ends, its network and its token have room again.
  registry.Cancel(*first);
  Run();
  EXPECT_TRUE(open("ipv6:%5B2001:db8::2%5D:4713").ok());
  registry.Close(absl::UnavailableError("the test is over"), [] {});
  Run();
}

TEST_F(RegistryTest, CloseEndsAllStreamsAndTellsWhenTheyAreGone) {
  for (const int streams : {0, 2}) {
    StreamRegistry registry({{loop_.get_executor(), environment_}}, {});
    std::vector<std::shared_ptr<EventQueue>> queues;
    for (int i = 0; i < streams; ++i) {
      queues.push_back(MakeQueue());
      ASSERT_TRUE(registry.Open(MakeSubscription(), queues.back()).ok());
      if (i == 0) Run();  // the other has not started
    }
    bool closed = false;
    registry.Close(absl::UnavailableError("draining"), [&] { closed = true; });
    EXPECT_FALSE(closed);
    Run();
    EXPECT_TRUE(closed);
    for (const auto& queue : queues) {
      const absl::Status end = EndOf(*queue).value();
      EXPECT_EQ(end.code(), absl::StatusCode::kUnavailable);
      EXPECT_EQ(end.message(), "draining");
    }
  }
}

TEST_F(RegistryTest, WhoComesAfterCloseIsToldToWaitForARandomTime) {
  double random = 0;
  environment_.random = [&random] { return random; };
  StreamRegistry registry({{loop_.get_executor(), environment_}}, {});
  registry.Close(absl::UnavailableError("draining"), [] {});
  Run();
  for (const int percent : {25, 75}) {
    random = percent / 100.0;
    const absl::Status refused =
        registry.Open(MakeSubscription(), MakeQueue()).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(refused.message(), "draining");
    EXPECT_EQ(RetryAfterOf(refused), absl::Milliseconds(10 * percent));
  }
}

TEST_F(RegistryTest, AStreamThatADrainOvertakesEndsLikeAllOthers) {
  // Given streams on a loop that is told to close before it is told to start
  // the last one, as other threads may have it,
  environment_.random = [] { return 0.5; };
  std::vector<StreamView> ended;
  PollerGroup group(loop_.get_executor(), environment_, absl::Minutes(4),
                    [&](const StreamView& view) { ended.push_back(view); });
  const StreamId id = StreamId::Random();
  group.Start(StreamId::Random(), MakeSubscription(), MakeQueue());
  Run();
  clock_.Advance(absl::Seconds(1));
  group.Close(absl::UnavailableError("draining"), absl::Seconds(10), [] {});
  Run();
  const auto queue = MakeQueue();
  const CapturedLog log;

  // when it is told that, then the stream ends at once with the same status,
  group.Start(id, MakeSubscription(), queue, {.peer = "ipv4:10.0.0.1:4711"});
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[1].status, ended[0].status);
  EXPECT_EQ(EndOf(*queue).value().message(), "draining");
  EXPECT_EQ(RetryAfterOf(ended[1].status), absl::Seconds(5));
  // and its record says what there is to say,
  const StreamView& view = ended[1];
  EXPECT_EQ(view.id, id);
  EXPECT_EQ(view.opened_at, clock_.Now());
  EXPECT_EQ(view.ended_at, clock_.Now());
  EXPECT_EQ(AuditFields(view),
            "repo=octo/demo user=octocat peer=ipv4:10.0.0.1:4711 token=" +
                HashedToken(Secret("ghp_test")));
  // as does the log. Nothing is left to be done.
  EXPECT_EQ(log.With(id.ToString() + " opened: repo=octo/demo").size(), 1U);
  EXPECT_EQ(group.Streams({}, {}, 10).size(), 0U);
  EXPECT_EQ(clock_.NextDeadline(), absl::InfiniteFuture());
}

TEST_F(RegistryTest, EndsTheStreamOfAReaderThatStalledAndNoOther) {
  repo_.AddPull("mona", "Hello @octocat");
  const auto stalled = MakeQueue();
  const auto read = MakeQueue();
  ASSERT_TRUE(registry_.Open(MakeSubscription(), stalled).ok());
  ASSERT_TRUE(registry_.Open(MakeSubscription(), read).ok());
  for (int minute = 0; minute < 6; ++minute) {
    Run();
    EXPECT_EQ(EndOf(*read), std::nullopt);
    EXPECT_EQ(registry_.size(), minute < 4 ? 2U : 1U) << minute;
    clock_.Advance(absl::Minutes(1));
  }
  // It holds nothing any more.
  std::optional<absl::Status> end;
  EXPECT_TRUE(Drain(*stalled, &end).empty());
  EXPECT_TRUE(absl::IsResourceExhausted(end.value())) << *end;
  EXPECT_EQ(ReasonOf(*end), "SLOW_READER");
  EXPECT_TRUE(stalled->abandoned());
}

TEST_F(RegistryTest, AllStreamsOfATokenShareALoopAndTokensAreSpread) {
  // Given two loops, and three streams for each of fifty tokens
  std::array<asio::io_context, 2> contexts;
  std::array<std::set<std::string>, 2> tokens;
  std::deque<FakeTransport> transports;
  std::deque<GitHubClient> clients;
  std::vector<PollerLoop> loops;
  for (const size_t i : {0, 1}) {
    transports.emplace_back([&, i](const HttpRequest& request) {
      tokens[i].insert(std::string(request.bearer.Expose()));
      return Ask(github_, request);
    });
    clients.emplace_back(contexts[i].get_executor(), transports[i], clock_,
                         GitHubClientOptions{.api_url = kInProcessApi});
    loops.push_back(
        {contexts[i].get_executor(), {.github = clients[i], .clock = clock_}});
  }
  StreamRegistry registry(loops, {});
  const auto run = [&] {
    for (int i = 0; i < 10; ++i) RunReady(contexts[i % 2]);
  };
  std::vector<StreamId> ids;
  for (int i = 0; i < 150; ++i) {
    Subscription subscription = WithToken(absl::StrCat("ghp_", i % 50));
    auto queue = registry.MakeQueue(subscription.token);
    ids.push_back(
        registry.Open(std::move(subscription), std::move(queue)).value());
  }
  // when they have read their histories, then each token has been used on one
  // loop only, and both have some.
  run();
  EXPECT_EQ(tokens[0].size() + tokens[1].size(), 50U);
  EXPECT_THAT(tokens[0].size(),
              testing::AllOf(testing::Ge(5U), testing::Le(45U)));

  // Streams on any loop can be cancelled, and Close ends those on all.
  registry.Cancel(ids[0]);
  registry.Cancel(ids[1]);
  run();
  EXPECT_EQ(registry.size(), 148U);
  int closed = 0;
  registry.Close(absl::UnavailableError("draining"), [&] { ++closed; });
  run();
  EXPECT_EQ(registry.size(), 0U);
  EXPECT_EQ(closed, 1);
}

}  // namespace
}  // namespace mentiond
