// Clients that do not read: each loses its stream and nothing else, the others
// notice nothing, and the server's memory does not grow with what is not read.

#include <cstddef>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "tests/e2e/operator_ports.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

// A repository with more than fits into all buffers on the way.
void Fill(FakeRepository& repo, int mentions, size_t bytes) {
  const int64_t pull = repo.AddPull("mona", "Hello");
  for (int i = 0; i < mentions; ++i) {
    repo.AddIssueComment(pull, "hubot",
                         absl::StrCat("@octocat ", i, std::string(bytes, ' ')));
  }
}

// Shows: `--slow_reader_timeout`
TEST(SlowReaderTest, LosesItsStreamAndResumesWithItsLastToken) {
  // Given a client that reads one response of a long history
  Service service({"--slow_reader_timeout=1s", "--stream_buffer_bytes=65536"});
  constexpr size_t kMentions = 400;
  Fill(service.github().repo(kRepo), kMentions, 50'000);
  auto stalled = service.Subscribe();
  ASSERT_TRUE(stalled->Next().has_value());

  // When it reads no further, then the server ends the stream,
  service.WaitUntilNoStreamIsOpen();

  // and once it reads again it is told so, after what was on the way.
  std::multiset<int64_t> delivered;
  mentions::v1::SubscribeRequest rest = Request();
  while (const auto event = stalled->Next()) {
    rest.set_resume_token(event->resume_token());
    if (event->has_mention()) delivered.insert(event->mention().id());
  }
  const grpc::Status end = stalled->Finish();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED)
      << end.error_message();
  EXPECT_LT(delivered.size(), kMentions);

  // With its last token it gets the rest, each once.
  for (const auto& mention : service.Subscribe(rest)->ReadHistory()) {
    delivered.insert(mention.id());
  }
  EXPECT_EQ(delivered.size(), kMentions);
  EXPECT_EQ(std::set<int64_t>(delivered.begin(), delivered.end()).size(),
            kMentions);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;  // which keeps what is freed
#else
constexpr bool kIsSanitized = false;
#endif

// How long mentions have waited for their streams, in the mean, since GitHub's
// responses had come with them.
class MeanDelay {
 public:
  explicit MeanDelay(const ServiceWithPorts& service) : service_(service) {}
  double Read() const {
    return (service_.Metric(absl::StrCat(kName, "_sum")) - sum_) /
           (service_.Metric(absl::StrCat(kName, "_count")) - count_);
  }

 private:
  static constexpr char kName[] = "mentiond_delivery_after_response_seconds";
  const ServiceWithPorts& service_;
  const double sum_ = service_.Metric(absl::StrCat(kName, "_sum"));
  const double count_ = service_.Metric(absl::StrCat(kName, "_count"));
};

// Shows: a slow reader delays nobody else
// Two servers read the same GitHub, at the same time on the same machine with
// whatever else happens there: only one has clients that stall.
TEST(SlowReaderTest, TheOthersNoticeNothingAndMemoryIsBounded) {
  constexpr size_t kStalled = 10;
  constexpr int kTexts = 1000;
  constexpr size_t kTextBytes = 20'000;
  ServiceWithPorts service({"--slow_reader_timeout=10m"});
  FakeGitHub& github = service.github();
  github.SetLimit(10'000'000, 10'000'000);
  ServiceWithPorts other({}, github.url());
  FakeRepository& repo = github.repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "Hello");
  Fill(github.repo("octo/large"), kTexts, kTextBytes);
  // Given many who read, of both,
  std::vector<std::unique_ptr<Stream>> readers;
  for (int i = 0; i < (kIsSanitized ? 50 : 100); ++i) {
    readers.push_back(service.Subscribe());
    readers.push_back(other.Subscribe());
  }
  for (const auto& reader : readers) reader->ReadHistory();
  const double memory = service.Metric("process_resident_memory_bytes");
  // and some who stop after the first response,
  std::vector<std::unique_ptr<Stream>> stalled;
  for (size_t i = 0; i < kStalled; ++i) {
    stalled.push_back(std::make_unique<Stream>(NewChannel(service.address()),
                                               Request("octo/large"),
                                               absl::InfiniteFuture()));
    ASSERT_TRUE(stalled.back()->Next().has_value());
  }
  service.AwaitStalledReaders();

  // when comments come, one after another, then every reader gets each, beside
  // those that stall as soon as without them, but for chance.
  const MeanDelay delay_beside(service);
  const MeanDelay delay_alone(other);
  for (int round = 0; round < 15; ++round) {
    repo.AddIssueComment(pull, "hubot", absl::StrCat("@octocat ", round));
    for (const auto& reader : readers) ASSERT_TRUE(reader->NextMention());
  }
  const double ratio = delay_beside.Read() / delay_alone.Read();
  std::cout << "beside those that stall it takes " << ratio
            << " times as long\n";
  EXPECT_LT(ratio, 5);

  // And of what waits there is a buffer for each, not all of it. Besides there
  // are gRPC's windows, and pages of the listing in the cache, of two megabytes
  // each as they come and again as strings.
  const double unread = double{kStalled} * kTexts * kTextBytes;
  const double grown = service.Metric("process_resident_memory_bytes") - memory;
  std::cout << "memory grows by " << grown << " bytes for " << unread
            << " that are not read\n";
  if (!kIsSanitized) {
    EXPECT_LT(grown, unread / 5);
  }
}

}  // namespace
}  // namespace mentiond
