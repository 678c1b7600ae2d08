// How late mentions are, as the metrics tell it.

#include <string>

#include "gtest/gtest.h"
#include "prometheus/registry.h"

#include "lib/metrics/metrics.h"
#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

class DeliveryMetricsTest : public StreamFixture {
 protected:
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
};

TEST_F(DeliveryMetricsTest, AMentionIsDeliveredWhenTheClientsQueueHasSpace) {
  environment_.metrics = &metrics_;
  const int64_t pull = repo_.AddPull("mona", "Hello");
  for (const bool reads : {true, false}) {
    // Given a client with space for one event, which has read the history,
    const auto stream = Open(MakeSubscription(), {.events = 1, .bytes = 1000});
    Run();
    while (!Drain(*stream->queue).empty()) Run();
    const auto before = Histogram("mentiond_delivery_seconds").sample_count;

    // when a poll finds two mentions, then only the first is delivered,
    repo_.AddIssueComment(pull, "hubot", "@octocat one");
    repo_.AddIssueComment(pull, "hubot", "@octocat two");
    Poll();
    const auto first = Histogram("mentiond_delivery_seconds");
    EXPECT_EQ(first.sample_count, before + 1);
    EXPECT_TRUE(before > 0 || first.sample_sum <= 60);

    // and the second when the client reads again, an hour later,
    clock_.Advance(absl::Hours(1));
    Run();
    EXPECT_EQ(Histogram("mentiond_delivery_seconds").sample_count, before + 1);
    if (reads) {
      Drain(*stream->queue);
      Run();
      for (const char* name : {"mentiond_delivery_seconds",
                               "mentiond_delivery_after_response_seconds"}) {
        EXPECT_EQ(Histogram(name).sample_count, before + 2) << name;
        EXPECT_GE(Histogram(name).sample_sum, 3600) << name;
      }
    }
    // or never.
    Cancel(*stream);
    EXPECT_EQ(Histogram("mentiond_delivery_seconds").sample_count,
              before + (reads ? 2 : 1));
  }
}

}  // namespace
}  // namespace mentiond
