// Clients that attack the server: what they can do to others, with the server
// by itself and behind HAProxy.

#include <sys/resource.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"

#include "tests/e2e/front_proxy.h"
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
    proxy_ = std::make_unique<FrontProxy>(kind, service_.address(),
                                          absl::Seconds(20));
  }
  // On a busy machine a flood keeps the server from reading the responses to
  // its pings for seconds.
  explicit AbuseTest(absl::string_view dead_client_timeout = "40s")
      : service_({"--poll_interval=100ms",
                  absl::StrCat("--dead_client_timeout=", dead_client_timeout)}),
        repo_(service_.github().repo(kRepo)),
        pull_(repo_.AddPull("mona", "Hello")) {
    // Who was there before,
    good_ = service_.Subscribe(kRepo, "octocat");
    good_->ReadHistory();
    memory_ = Memory();
  }

  std::string target() const {
    return proxy_ != nullptr ? proxy_->address() : service_.address();
  }
  int64_t Memory() {
    std::ifstream status(
        absl::StrCat("/proc/", service_.server().pid(), "/status"));
    for (std::string line; std::getline(status, line);) {
      int64_t kib = 0;
      if (absl::StartsWith(line, "VmRSS:") &&
          absl::SimpleAtoi(line.substr(6, line.find("kB") - 6), &kib)) {
        return kib;
      }
    }
    return 0;
  }
  // still gets mentions, and who comes now does.
  void ExpectService(const char* after, int64_t kib = 64 << 10) {
    const absl::Time began = absl::Now();
    const std::string body = absl::StrCat("@octocat ", ++comments_);
    repo_.AddIssueComment(pull_, "hubot", body);
    const auto mention = good_->NextMention();
    ASSERT_TRUE(mention) << after << ": " << good_->Finish().error_message();
    EXPECT_EQ(mention->body(), body);
    const auto other = service_.Subscribe(kRepo, "octocat");
    EXPECT_EQ(other->ReadHistory().size(), comments_) << after;
    std::cout << after << ": a mention and a new stream in "
              << absl::Now() - began << ", memory " << memory_ << " to "
              << Memory() << " KiB\n";
    if (kMeasuresMemory) {
      EXPECT_LT(Memory() - memory_, kib) << after;
    }
  }

  Service service_;
  FakeRepository& repo_;
  const int64_t pull_;
  std::unique_ptr<FrontProxy> proxy_;
  std::unique_ptr<Stream> good_;
  int64_t memory_ = 0;
  int comments_ = 0;
};

std::string Number(uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
          static_cast<char>(number >> 8), static_cast<char>(number)};
}

TEST_P(AbuseTest, StreamsThatAreResetAtOnce) {
  // CVE-2023-44487.
  const std::string headers = RawHttp2::SubscribeHeaders();
  for (int connection = 0; connection < 10; ++connection) {
    RawHttp2 client(target());
    client.SendPreface();
    for (uint32_t stream = 1; stream < 10'000; stream += 2) {
      client.SendFrame(RawHttp2::kHeaders, RawHttp2::kEndHeaders, stream,
                       headers);
      client.SendFrame(RawHttp2::kReset, 0, stream, Number(8));
    }
  }
  // gRPC 1.51 keeps what 50,000 calls at once have needed for a while.
  ExpectService("50,000 resets",
                GetParam() == Before::kNothing ? 2 << 20 : 64 << 10);
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
  ExpectService("10,000 forced resets");
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
  ExpectService("64 MB of headers");
}

class SlowAbuseTest : public AbuseTest {
 protected:
  SlowAbuseTest() : AbuseTest("4s") {}
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
  ExpectService("200 slow clients");
  // They answer no ping, and lose their connections.
  for (RawHttp2& client : clients) {
    EXPECT_TRUE(client.AwaitClosed(absl::Seconds(40)));
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
  for (int i = 0; i < 10'000; ++i) {
    clients.emplace_back(target());
    if (i % 500 > 0) continue;
    repo_.AddIssueComment(pull_, "hubot",
                          absl::StrCat("@octocat ", ++comments_));
    ASSERT_TRUE(good_->NextMention()) << "after " << i << " connections";
  }
  // also with new streams,
  ExpectService("10,000 half-open connections for 300 descriptors");
  // and new connections are when the attack is over: gRPC 1.51 itself would
  // have stopped listening for good (CVE-2023-4785).
  clients.clear();
  mentions::v1::SubscribeRequest request;
  request.set_repo(kRepo);
  request.set_user("octocat");
  request.set_token(kToken);
  grpc::ChannelArguments own_connection;
  own_connection.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  Stream fresh(grpc::CreateCustomChannel(service_.address(),
                                         grpc::InsecureChannelCredentials(),
                                         own_connection),
               request, Deadline());
  fresh.ReadHistory();
}

const auto kBefore = testing::Values(Before::kNothing, Before::kHaproxy);
std::string NameOf(const testing::TestParamInfo<Before>& before) {
  return before.param == Before::kNothing ? "TheServer" : "HaproxyBeforeIt";
}
INSTANTIATE_TEST_SUITE_P(Of, AbuseTest, kBefore, NameOf);
INSTANTIATE_TEST_SUITE_P(Of, SlowAbuseTest, kBefore, NameOf);

}  // namespace
}  // namespace mentiond
