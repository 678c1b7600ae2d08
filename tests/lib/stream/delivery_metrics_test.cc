// How late mentions are, as the metrics tell it.

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "prometheus/registry.h"

#include "lib/metrics/metrics.h"
#include "tests/lib/stream/streams_fixture.h"

namespace mentiond {
namespace {

class DeliveryMetricsTest : public StreamsFixture {
 protected:
  DeliveryMetricsTest() {
    environment_.metrics = &metrics_;
    pull_ = repo_.AddPull("mona", "Hello");
  }
  ~DeliveryMetricsTest() override { StopAll(); }

  prometheus::ClientMetric::Histogram Histogram(const std::string& name) {
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name == name) return family.metric.front().histogram;
    }
    ADD_FAILURE() << "no " << name;
    return {};
  }

  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  int64_t pull_ = 0;
};

TEST_F(DeliveryMetricsTest, AMentionIsDeliveredWhenTheClientsQueueHasSpace) {
  // Given a client with space for one event, which has read the history,
  const auto queue = MakeQueue({.events = 1, .bytes = 1000});
  RunningPoller poller(loop_.get_executor(), environment_, MakeSubscription(),
                       queue);
  Run();
  while (!Drain(*queue).empty()) Run();

  // when a poll finds two mentions, then only the first is delivered,
  repo_.AddIssueComment(pull_, "hubot", "@octocat one");
  repo_.AddIssueComment(pull_, "hubot", "@octocat two");
  Poll();
  EXPECT_EQ(Histogram("mentiond_delivery_seconds").sample_count, 1U);
  EXPECT_LE(Histogram("mentiond_delivery_seconds").sample_sum, 60);

  // and the second when the client reads again, an hour later.
  clock_.Advance(absl::Hours(1));
  Run();
  EXPECT_EQ(Histogram("mentiond_delivery_seconds").sample_count, 1U);
  Drain(*queue);
  Run();
  for (const char* name : {"mentiond_delivery_seconds",
                           "mentiond_delivery_after_response_seconds"}) {
    EXPECT_EQ(Histogram(name).sample_count, 2U) << name;
    EXPECT_GE(Histogram(name).sample_sum, 3600) << name;
  }
  poller.Stop();
  Run();
}

TEST_F(DeliveryMetricsTest, WhatIsNeverDeliveredDoesNotCount) {
  const auto queue = MakeQueue({.events = 1, .bytes = 1000});
  RunningPoller poller(loop_.get_executor(), environment_, MakeSubscription(),
                       queue);
  Run();
  while (!Drain(*queue).empty()) Run();
  repo_.AddIssueComment(pull_, "hubot", "@octocat one");
  repo_.AddIssueComment(pull_, "hubot", "@octocat two");
  Poll();
  poller.Stop();
  Run();
  EXPECT_EQ(Histogram("mentiond_delivery_seconds").sample_count, 1U);
}

}  // namespace
}  // namespace mentiond
