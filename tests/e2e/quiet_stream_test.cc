// Streams on which nothing happens, behind real proxies that cut what is quiet;
// with $MENTIOND_NIGHTLY after their default timeouts, with the server's
// default interval.

#include <cstdlib>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "tests/e2e/proxies.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

const bool kIsNightly = std::getenv("MENTIOND_NIGHTLY") != nullptr;

class QuietStreamTest : public testing::TestWithParam<FrontProxy::Kind> {
 protected:
  void SetUp() override {
    if (const std::string why_not = FrontProxy::WhyNot(GetParam());
        !why_not.empty()) {
      GTEST_SKIP() << why_not << ": quiet streams behind it are not tried";
    }
  }

  // How many heartbeats, up to ten, come through the proxy until it cuts the
  // stream, when its server polls so seldom that it has nothing to say.
  int Heartbeats(const std::string& interval) {
    Service service({"--poll_interval=10h",
                     absl::StrCat("--keepalive_message_interval=", interval)});
    service.github().repo(kRepo);
    const FrontProxy proxy(
        GetParam(), service.address(),
        kIsNightly ? std::nullopt : std::optional(absl::Seconds(1)));
    Stream stream(NewChannel(proxy.address()), Request(),
                  absl::Now() + absl::Minutes(10));
    stream.ReadHistory();
    stream.Next();  // after the first poll
    int count = 0;
    while (count < 10 && stream.Next()) ++count;
    return count;
  }
};

// Shows: `--keepalive_message_interval`
TEST_P(QuietStreamTest, HeartbeatsKeepItAlive) {
  EXPECT_EQ(Heartbeats(kIsNightly ? "30s" : "300ms"), 10);
}

TEST_P(QuietStreamTest, WithoutThemTheProxyCutsIt) {
  if (kIsNightly && GetParam() == FrontProxy::Kind::kNginx) {
    GTEST_SKIP()
        << "nginx takes the server's pings, every 30 s by default, for "
           "data: it cuts nothing after its 60 s";
  }
  EXPECT_EQ(Heartbeats("0"), 0);
}

INSTANTIATE_TEST_SUITE_P(Behind, QuietStreamTest,
                         testing::Values(FrontProxy::Kind::kNginx,
                                         FrontProxy::Kind::kHaproxy),
                         [](const auto& proxy) {
                           return proxy.param == FrontProxy::Kind::kNginx
                                      ? "Nginx"
                                      : "Haproxy";
                         });

}  // namespace
}  // namespace mentiond
