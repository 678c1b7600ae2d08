// What tests of pollers stand on: the stand-in GitHub, a clock and an event
// loop, all driven by the test's own thread.

#ifndef MENTIOND_TESTS_LIB_STREAM_STREAM_FIXTURE_H_
#define MENTIOND_TESTS_LIB_STREAM_STREAM_FIXTURE_H_

#include <cstdint>
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
#include "lib/stream/poller.h"
#include "lib/subscription/event_queue.h"
#include "lib/subscription/subscription.h"
#include "tests/fake_github/fake_github.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/github_transport.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {

class StreamFixture : public testing::Test {
 protected:
  static constexpr absl::Duration kInterval = absl::Seconds(60);

  StreamFixture() : repo_(github_.repo("octo/demo")) {
    github_.SetNow([this] { return clock_.Now(); });
  }

  static Subscription MakeSubscription(const std::string& user = "octocat") {
    mentions::v1::SubscribeRequest request;
    request.set_repo("octo/demo");
    request.set_user(user);
    request.set_token("ghp_test");
    return *ParseSubscription(request, "", "github.test");
  }

  std::shared_ptr<EventQueue> MakeQueue(EventQueueLimits limits = {}) {
    return std::make_shared<EventQueue>(loop_.get_executor(), clock_, limits);
  }

  void Run() { RunReady(loop_); }

  // Lets the clock reach the next poll (the first one comes within an interval,
  // the others follow after one each) and runs it.
  void Poll() {
    clock_.Advance(clock_.NextDeadline() - clock_.Now());
    Run();
  }

  // What can be popped now; the end, if it comes, goes to `end`.
  static std::vector<EventQueue::Event> Drain(
      EventQueue& queue, std::optional<absl::Status>* end = nullptr) {
    std::vector<EventQueue::Event> events;
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

  // The ids of the mentions among what can be popped now.
  static std::vector<int64_t> Mentions(EventQueue& queue) {
    std::vector<int64_t> ids;
    for (const EventQueue::Event& event : Drain(queue)) {
      if (event.has_mention()) ids.push_back(event.mention().id());
    }
    return ids;
  }

  asio::io_context loop_;
  FakeClock clock_;
  FakeGitHub github_;
  FakeRepository& repo_;
  FakeTransport transport_ = TransportTo(github_);
  GitHubClient client_{
      loop_.get_executor(),
      transport_,
      clock_,
      {.api_url = kInProcessApi, .random = [] { return 0.0; }}};
  PollerEnvironment environment_{
      .github = client_,
      .clock = clock_,
      .random = [] { return 0.0; },
      .poll_interval = kInterval,
      .full_read_interval = absl::InfiniteDuration(),
      .phase_of = [](const Secret&, const RepoName&) -> uint64_t { return 0; }};
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_STREAM_STREAM_FIXTURE_H_
