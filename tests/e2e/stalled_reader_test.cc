// Clients that do not read, beside a thousand that do: the thousand notice
// nothing, and the server's memory does not grow with what is not read.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "lib/base/strings.h"
#include "tests/e2e/crowd.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr size_t kHealthy = kSanitized ? 100 : 1000;
constexpr size_t kStalled = 10;
// What each of the stalled does not read.
constexpr int kTexts = 2000;
constexpr size_t kTextBytes = 20'000;
constexpr size_t kBufferBytes = 256 << 10;
constexpr int kRounds = 10;

mentions::v1::SubscribeRequest Request(const std::string& repo) {
  mentions::v1::SubscribeRequest request;
  request.set_repo(repo);
  request.set_user("octocat");
  request.set_token(kToken);
  return request;
}

class StalledReaderTest : public testing::Test {
 protected:
  StalledReaderTest() {
    service_.github().SetLimit(1'000'000, 1'000'000);
    pull_ = repo_.AddPull("mona", "Hello");
    FakeRepository& large = service_.github().repo("octo/large");
    const int64_t pull = large.AddPull("mona", "Hello");
    for (int i = 0; i < kTexts; ++i) {
      large.AddIssueComment(
          pull, "hubot",
          absl::StrCat("@octocat ", i, std::string(kTextBytes, ' ')));
    }
    // Where a comment's way through the service begins.
    service_.github().OnRequest([this](const RequestRecord& request) {
      if (absl::StrContains(ToAbsl(request.target),
                            "/octo/demo/issues/comments") &&
          awaited_.exchange(false)) {
        asked_nanos_ = absl::GetCurrentTimeNanos();
      }
    });
  }

  // How long a comment takes from GitHub to every one of the crowd: of each
  // round the median and the slowest.
  struct Latency {
    double median_ms = 0;
    double slowest_ms = 0;
  };
  Latency Measure(Crowd& crowd) {
    std::vector<double> medians;
    std::vector<double> slowest;
    for (int round = 0; round < kRounds; ++round) {
      const std::string body = absl::StrCat("@octocat ", ++comments_);
      awaited_ = true;
      repo_.AddIssueComment(pull_, "hubot", body);
      std::vector<absl::Time> arrivals = crowd.AwaitMention(body, Deadline());
      EXPECT_EQ(arrivals.size(), kHealthy);
      if (arrivals.empty()) return {};
      std::sort(arrivals.begin(), arrivals.end());
      const absl::Time asked = absl::FromUnixNanos(asked_nanos_);
      medians.push_back(
          absl::ToDoubleMilliseconds(arrivals[arrivals.size() / 2] - asked));
      slowest.push_back(absl::ToDoubleMilliseconds(arrivals.back() - asked));
    }
    return {.median_ms = MedianOf(medians), .slowest_ms = MedianOf(slowest)};
  }

  static double MedianOf(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }

  // What the server has in memory, in MiB.
  double ResidentMebibytes() {
    std::ifstream status(
        absl::StrCat("/proc/", service_.server().pid(), "/status"));
    for (std::string line; std::getline(status, line);) {
      int64_t kibibytes = 0;
      if (absl::StartsWith(line, "VmRSS:") &&
          absl::SimpleAtoi(absl::StrCat(line.substr(6, line.size() - 6 - 3)),
                           &kibibytes)) {
        return static_cast<double>(kibibytes) / 1024;
      }
    }
    ADD_FAILURE() << "no VmRSS";
    return 0;
  }

  Service service_{{"--poll_interval=500ms", "--slow_reader_timeout=10m",
                    absl::StrCat("--stream_buffer_bytes=", kBufferBytes)}};
  FakeRepository& repo_ = service_.github().repo("octo/demo");
  int64_t pull_ = 0;
  int comments_ = 0;
  std::atomic<bool> awaited_ = false;
  std::atomic<int64_t> asked_nanos_ = 0;
};

TEST_F(StalledReaderTest, TheOthersNoticeNothingAndMemoryIsBounded) {
  // Given a thousand that read
  Crowd crowd(service_.address(), Request("octo/demo"), kHealthy);
  ASSERT_TRUE(crowd.AwaitSynced(Deadline()));
  static_cast<void>(Measure(crowd));  // warm
  const Latency before = Measure(crowd);
  const double memory_before = ResidentMebibytes();

  // and some that stop after the first response,
  std::vector<std::unique_ptr<Stream>> stalled;
  for (size_t i = 0; i < kStalled; ++i) {
    stalled.push_back(std::make_unique<Stream>(
        NewChannel(service_.address()), Request("octo/large"),
        absl::Now() + absl::Minutes(10)));
    ASSERT_TRUE(stalled.back()->Next().has_value());
  }
  const Latency beside = Measure(crowd);
  const double memory_beside = ResidentMebibytes();
  stalled.clear();
  const Latency after = Measure(crowd);

  // then the thousand are as fast as without them,
  const auto print = [](const char* when, const Latency& latency) {
    std::cout << when << ": median " << latency.median_ms << " ms, slowest "
              << latency.slowest_ms << " ms\n";
  };
  std::cout << kHealthy << " readers, " << kStalled
            << " that stall; from GitHub's answer to a reader:\n";
  print("before", before);
  print("beside", beside);
  print("after", after);
  const double floor = std::max(before.slowest_ms, after.slowest_ms);
  EXPECT_LT(beside.slowest_ms, 2 * floor);

  // and of what waits there is a buffer for each, not all of it.
  const double unread =
      static_cast<double>(kStalled * kTexts * kTextBytes) / (1 << 20);
  const double grown = memory_beside - memory_before;
  std::cout << "the server's memory: " << memory_before << " MiB, beside them "
            << memory_beside << " MiB: " << grown << " MiB more for " << unread
            << " MiB not read\n";
  // Their buffers, gRPC's windows, and pages of the listing in the cache, of
  // two megabytes each as they come and again as strings.
  if (!kSanitized) {
    EXPECT_LT(grown, unread / 10);
  }
}

}  // namespace
}  // namespace mentiond
