// Clients that attack the server: what they can do to others, with the server
// by itself and behind HAProxy.

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "tests/e2e/proxies.h"
#include "tests/e2e/raw_http2.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMeasuresMemory = false;  // a sanitizer keeps what is freed
#else
constexpr bool kMeasuresMemory = true;
#endif

enum class Before { kNothing, kHaproxy };

class AbuseTest : public testing::TestWithParam<Before> {
 protected:
  void SetUp() override {
    if (GetParam() == Before::kNothing) return;
    const auto kind = FrontProxy::Kind::kHaproxy;
    if (const std::string why_not = FrontProxy::WhyNot(kind);
        !why_not.empty()) {
      GTEST_SKIP() << why_not;
    }
    proxy_ =
        std::make_unique<FrontProxy>(kind, service_.address(), proxy_timeout_);
  }
  // On a busy machine a flood keeps the server from reading the responses to
  // its pings for seconds.
  explicit AbuseTest(absl::string_view dead_client_timeout = "40s",
                     absl::Duration proxy_timeout = absl::Seconds(20))
      : service_({absl::StrCat("--dead_client_timeout=", dead_client_timeout)}),
        proxy_timeout_(proxy_timeout) {
    // Who was there before,
    good_->ReadHistory();
    memory_ = Memory();
  }

  std::string target() const {
    return proxy_ != nullptr ? proxy_->address() : service_.address();
  }
  double Memory() {
    std::ifstream file(
        absl::StrCat("/proc/", service_.server().pid(), "/statm"));
    double size = 0;
    double resident = 0;  // in pages
    file >> size >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
  }
  void AddComment() {
    repo_.AddIssueComment(pull_, "hubot",
                          absl::StrCat("@octocat ", ++comments_));
  }
  // still gets mentions, and who comes now does.
  void ExpectService(const char* after, double mebibytes) {
    AddComment();
    const auto mention = good_->NextMention();
    ASSERT_TRUE(mention) << after << ": " << good_->Finish().error_message();
    EXPECT_EQ(mention->body(), absl::StrCat("@octocat ", comments_));
    EXPECT_EQ(service_.Subscribe()->ReadHistory().size(), comments_) << after;
    const double grown = Memory() - memory_;
    std::cout << after << ": memory grows by " << grown << " MiB\n";
    if (kMeasuresMemory) {
      EXPECT_LT(grown, mebibytes) << after;
    }
  }

  Service service_;
  const absl::Duration proxy_timeout_;
  FakeRepository& repo_ = service_.github().repo(kRepo);
  const int64_t pull_ = repo_.AddPull("mona", "Hello");
  std::unique_ptr<FrontProxy> proxy_;
  std::unique_ptr<Stream> good_ = service_.Subscribe();
  double memory_ = 0;
  size_t comments_ = 0;
};

std::string Number(uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
          static_cast<char>(number >> 8), static_cast<char>(number)};
}

TEST_P(AbuseTest, StreamsThatAreResetAtOnce) {
  // CVE-2023-44487. gRPC 1.51 keeps what the calls of one flood have needed
  // that were there at once, at most 520 MiB for all 5,000, but not that of
  // every flood: a leak of 12 KiB a call would exceed the bound.
  const std::string headers = RawHttp2::SubscribeHeaders();
  for (int flood = 0; flood < 12; ++flood) {
    RawHttp2 client(target());
    client.SendPreface();
    for (uint32_t stream = 1; stream < 10'000; stream += 2) {
      client.SendFrame(RawHttp2::kHeaders, RawHttp2::kEndHeaders, stream,
                       headers);
      client.SendFrame(RawHttp2::kReset, 0, stream, Number(8));
    }
    ExpectService("5,000 resets", GetParam() == Before::kNothing ? 700 : 128);
  }
}

TEST_P(AbuseTest, StreamsThatTheServerIsMadeToReset) {
  // CVE-2025-8671: a window update of nothing is an error of the stream.
  const std::string headers = RawHttp2::SubscribeHeaders();
  for (int connection = 0; connection < 10; ++connection) {
    RawHttp2 client(target());
    client.SendPreface();
    for (uint32_t stream = 1; stream < 2'000; stream += 2) {
      client.SendFrame(RawHttp2::kHeaders, RawHttp2::kEndHeaders, stream,
                       headers);
      client.SendFrame(RawHttp2::kWindowUpdate, 0, stream, Number(0));
    }
  }
  ExpectService("10,000 forced resets", 64);
}

TEST_P(AbuseTest, HeadersWithoutAnEnd) {
  for (int connection = 0; connection < 4; ++connection) {
    RawHttp2 client(target());
    client.SendPreface();
    client.SendFrame(RawHttp2::kHeaders, 0, 1, RawHttp2::SubscribeHeaders());
    const std::string more =
        RawHttp2::Header("x-more", std::string(16'000, 'x'));
    for (int i = 0; i < 1'000; ++i) {
      client.SendFrame(RawHttp2::kContinuation, 0, 1, more);
    }
  }
  ExpectService("64 MB of headers", 64);
}

class SlowAbuseTest : public AbuseTest {
 protected:
  SlowAbuseTest() : AbuseTest("3s", absl::Seconds(3)) {}
};

TEST_P(SlowAbuseTest, HeadersThatComeSlowly) {
  std::vector<RawHttp2> clients;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back(target());
    clients.back().SendPreface();
    // A frame whose end never comes.
    clients.back().SendBytes(
        std::string_view("\0\0\x20\x01\0\0\0\0\x01\0", 10));
  }
  ExpectService("200 slow clients", 64);
  // They answer no ping, and lose their connections.
  for (RawHttp2& client : clients) {
    EXPECT_TRUE(client.AwaitClosed(kPatience));
  }
}

TEST_P(AbuseTest, MoreConnectionsThanThereAreDescriptors) {
  // Given a server that may open few files, most of them taken by clients that
  // say nothing,
  const rlimit few = {.rlim_cur = 300, .rlim_max = 300};
  ASSERT_EQ(prlimit(service_.server().pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  rlimit own = {};
  getrlimit(RLIMIT_NOFILE, &own);
  own.rlim_cur = own.rlim_max;
  setrlimit(RLIMIT_NOFILE, &own);
  // then who was there before is served meanwhile,
  std::vector<RawHttp2> clients;
  for (int i = 0; i < 2'000; ++i) {
    clients.emplace_back(target());
    if (i % 200 > 0) continue;
    AddComment();
    ASSERT_TRUE(good_->NextMention()) << "after " << i << " connections";
  }
  // also with new streams,
  ExpectService("2,000 half-open connections for 300 descriptors", 64);
  // and new connections are when the attack is over: gRPC 1.51 itself would
  // have stopped listening for good (CVE-2023-4785).
  clients.clear();
  Stream(NewChannel(service_.address()), Request(), Deadline()).ReadHistory();
}

const auto kBefore = testing::Values(Before::kNothing, Before::kHaproxy);
std::string NameOf(const testing::TestParamInfo<Before>& before) {
  return before.param == Before::kNothing ? "TheServer" : "HaproxyBeforeIt";
}
INSTANTIATE_TEST_SUITE_P(Of, AbuseTest, kBefore, NameOf);
INSTANTIATE_TEST_SUITE_P(Of, SlowAbuseTest, kBefore, NameOf);

}  // namespace
}  // namespace mentiond
