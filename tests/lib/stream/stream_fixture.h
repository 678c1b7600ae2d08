// What tests of streams stand on, and include: the stand-in GitHub, a clock and
// an event loop, all driven by the test's own thread, and streams, each a group
// of one poller.

#ifndef MENTIOND_TESTS_LIB_STREAM_STREAM_FIXTURE_H_
#define MENTIOND_TESTS_LIB_STREAM_STREAM_FIXTURE_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "asio/io_context.hpp"
#include "gtest/gtest.h"

#include "lib/github/github_client.h"
#include "lib/stream/poller_group.h"
#include "lib/subscription/event_queue.h"
#include "lib/subscription/subscription.h"
#include "tests/fake_github/fake_github.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/github_transport.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {

using Ids = std::vector<int64_t>;
using Events = std::vector<EventQueue::Event>;

// So large that nobody has to read while the test looks elsewhere.
inline constexpr EventQueueLimits kNoLimits = {.events = 1 << 20,
                                               .bytes = 1 << 30};

// A stream. Stopped, and the loop run, before it is destroyed.
class OpenStream {
 public:
  static constexpr StreamId kId = {.high = 1, .low = 1};

  // The loop's next run starts it.
  OpenStream(const asio::any_io_executor& executor,
             const PollerEnvironment& environment, Subscription subscription,
             EventQueueLimits limits = kNoLimits)
      : queue(
            std::make_shared<EventQueue>(executor, environment.clock, limits)),
        group(executor, environment, absl::InfiniteDuration(),
              [this](const StreamView& view) { ended_ = view.status; }) {
    group.Start(kId, std::move(subscription), queue);
  }

  // The loop's next run ends it.
  void Stop() {
    group.Close(absl::CancelledError("the test stopped it"), absl::Seconds(1),
                [] {});
  }

  // The status with which it has ended, if it has.
  const std::optional<absl::Status>& ended() const { return ended_; }

 private:
  std::optional<absl::Status> ended_;

 public:
  const std::shared_ptr<EventQueue> queue;
  PollerGroup group;
};

// A subscription of octocat's to octo/demo, but for what `change` says.
inline Subscription SubscriptionWith(
    const std::function<void(mentions::v1::SubscribeRequest&)>& change) {
  mentions::v1::SubscribeRequest request;
  request.set_repo("octo/demo");
  request.set_user("octocat");
  request.set_token("ghp_test");
  change(request);
  return *ParseSubscription(request, "", "github.test");
}
inline Subscription MakeSubscription(const std::string& user = "octocat") {
  return SubscriptionWith([&](auto& request) { request.set_user(user); });
}
// Nothing is in the cache of a token of its own.
inline Subscription WithToken(const std::string& token) {
  return SubscriptionWith([&](auto& request) { request.set_token(token); });
}

// What can be popped now; the end, if it comes, goes to `end`.
inline Events Drain(EventQueue& queue,
                    std::optional<absl::Status>* end = nullptr) {
  Events events;
  while (true) {
    EventQueue::Popped popped = queue.Pop();
    if (auto* event = std::get_if<EventQueue::Event>(&popped)) {
      events.push_back(std::move(*event));
      continue;
    }
    if (auto* status = std::get_if<absl::Status>(&popped);
        status != nullptr && end != nullptr) {
      *end = *status;
    }
    return events;
  }
}

// The ids of the mentions among events, or what can be popped now.
inline Ids MentionsIn(const Events& events) {
  Ids ids;
  for (const EventQueue::Event& event : events) {
    if (event.has_mention()) ids.push_back(event.mention().id());
  }
  return ids;
}
inline Ids NewMentions(OpenStream& stream) {
  return MentionsIn(Drain(*stream.queue));
}
inline bool HasSynced(const Events& events) {
  return std::any_of(events.begin(), events.end(),
                     [](const auto& event) { return event.has_synced(); });
}

inline int CountOf(const std::vector<std::string>& targets,
                   const std::string& part) {
  return static_cast<int>(
      std::count_if(targets.begin(), targets.end(), [&](const auto& target) {
        return target.find(part) != std::string::npos;
      }));
}

class StreamFixture : public testing::Test {
 protected:
  static constexpr absl::Duration kInterval = absl::Seconds(60);

  StreamFixture() : repo_(github_.repo("octo/demo")) {
    github_.SetNow([this] { return clock_.Now(); });
    github_.SetLimit(1'000'000, 1'000'000);
  }
  ~StreamFixture() override { StopAll(); }

  // Opens a stream; Run() lets it begin.
  std::shared_ptr<OpenStream> Open(const Subscription& subscription,
                                   EventQueueLimits limits = kNoLimits) {
    return streams_.emplace_back(new OpenStream(
        loop_.get_executor(), environment_, subscription, limits));
  }
  // Opens a stream and lets it read the history.
  std::shared_ptr<OpenStream> Start(
      const Subscription& subscription = MakeSubscription()) {
    auto stream = Open(subscription);
    Run();
    return stream;
  }
  void Cancel(OpenStream& stream) {
    stream.Stop();
    Run();
  }
  void StopAll() {
    for (const auto& stream : streams_) stream->Stop();
    Run();
    streams_.clear();
  }

  void Run() { RunReady(loop_); }

  // Lets the clock reach the next poll (the first one comes within an interval,
  // the others follow after one each), or the next attempt, and runs it.
  void Poll(int times = 1) {
    for (; times > 0; --times) {
      clock_.Advance(clock_.NextDeadline() - clock_.Now());
      Run();
    }
  }
  Ids MentionsAfter(int polls, OpenStream& stream) {
    Poll(polls);
    return NewMentions(stream);
  }
  // Lets time pass, as streams want it to.
  void Pass(
      absl::Duration time, const std::function<void()>& then = [] {}) {
    const absl::Time end = clock_.Now() + time;
    while (clock_.Now() < end) {
      clock_.Advance(std::min(clock_.NextDeadline(), end) - clock_.Now());
      Run();
      then();
    }
  }

  // The requests since the last call, without the origin.
  std::vector<std::string> Asked() {
    std::vector<std::string> targets;
    for (const RequestRecord& request : github_.requests()) {
      targets.push_back(request.target);
    }
    github_.ClearLog();
    return targets;
  }

  asio::io_context loop_;
  FakeClock clock_;
  FakeGitHub github_;
  FakeRepository& repo_;
  double random_ = 0;
  FakeTransport::Handler answer_ = [this](const HttpRequest& request) {
    return Ask(github_, request);
  };
  FakeTransport transport_{
      [this](const HttpRequest& request) { return answer_(request); }};
  GitHubClient client_{
      loop_.get_executor(),
      transport_,
      clock_,
      {.api_url = kInProcessApi, .random = [this] { return random_; }}};
  PollerEnvironment environment_{
      .github = client_,
      .clock = clock_,
      .random = [this] { return random_; },
      .poll_interval = kInterval,
      .full_read_interval = absl::InfiniteDuration(),
      .phase_of = [](const Secret&, const RepoName&) -> uint64_t { return 0; }};

 private:
  std::vector<std::shared_ptr<OpenStream>> streams_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_STREAM_STREAM_FIXTURE_H_
