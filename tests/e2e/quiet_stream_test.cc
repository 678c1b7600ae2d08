// Streams on which nothing happens, behind real proxies that cut what is quiet.
// $MENTIOND_QUIET_SECONDS: with the proxies' default timeouts and the server's
// default interval, for so long.

#include <cstdlib>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"

#include "tests/e2e/front_proxy.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

struct Trial {
  // Of the proxy; nullopt: its default.
  std::optional<absl::Duration> timeout;
  std::string interval;  // of the server's heartbeats
  absl::Duration time;   // for how long a stream is to live
};

Trial ShortOrLong() {
  int seconds = 0;
  const char* value = std::getenv("MENTIOND_QUIET_SECONDS");
  if (value != nullptr && absl::SimpleAtoi(value, &seconds) && seconds > 0) {
    return {.interval = "30s", .time = absl::Seconds(seconds)};
  }
  return {.timeout = absl::Seconds(1),
          .interval = "300ms",
          .time = absl::Seconds(4)};
}

class QuietStreamTest : public testing::TestWithParam<FrontProxy::Kind> {
 protected:
  void SetUp() override {
    if (const std::string why_not = FrontProxy::WhyNot(GetParam());
        !why_not.empty()) {
      GTEST_SKIP() << why_not << ": quiet streams behind it are not tried";
    }
  }

  // For how long a stream lives through the proxy, at most `trial.time`, when
  // its server polls so seldom that it has nothing to say.
  absl::Duration LifeOf(const Trial& trial) {
    Service service(
        {"--poll_interval=10h",
         absl::StrCat("--keepalive_message_interval=", trial.interval)});
    service.github().repo("octo/demo");
    const FrontProxy proxy(GetParam(), service.address(), trial.timeout);
    mentions::v1::SubscribeRequest request;
    request.set_repo("octo/demo");
    request.set_user("octocat");
    request.set_token(kToken);
    const absl::Time began = absl::Now();
    Stream stream(grpc::CreateChannel(proxy.address(),
                                      grpc::InsecureChannelCredentials()),
                  request, began + trial.time);
    stream.ReadHistory();
    while (stream.Next()) {
    }
    const absl::Duration life = absl::Now() - began;
    EXPECT_EQ(
        stream.Finish().error_code() == grpc::StatusCode::DEADLINE_EXCEEDED,
        life >= trial.time);
    return life;
  }
};

TEST_P(QuietStreamTest, HeartbeatsKeepItAlive) {
  const Trial trial = ShortOrLong();
  EXPECT_GE(LifeOf(trial), trial.time);
}

TEST_P(QuietStreamTest, WithoutThemTheProxyCutsIt) {
  Trial trial = ShortOrLong();
  if (!trial.timeout && GetParam() == FrontProxy::Kind::kNginx) {
    GTEST_SKIP()
        << "nginx takes the server's pings, every 30 s by default, for "
           "data: it cuts nothing after its 60 s";
  }
  trial.interval = "0";
  EXPECT_LT(LifeOf(trial), trial.time);
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
