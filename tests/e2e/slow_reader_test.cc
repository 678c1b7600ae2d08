// A client that does not read: it loses its stream and nothing else, and the
// others notice nothing.

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

mentions::v1::SubscribeRequest Request(const std::string& resume_token = "") {
  mentions::v1::SubscribeRequest request;
  request.set_repo(kRepo);
  request.set_user("octocat");
  request.set_token(kToken);
  request.set_resume_token(resume_token);
  return request;
}

TEST(SlowReaderTest, LosesItsStreamAndResumesWithItsLastToken) {
  // Given a history that is larger than all buffers on the way, and a client
  // that reads one response of it
  Service service({"--poll_interval=100ms", "--slow_reader_timeout=5s",
                   "--stream_buffer_bytes=65536"});
  FakeRepository& repo = service.github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "Hello");
  constexpr int kMentions = 400;
  for (int i = 0; i < kMentions; ++i) {
    repo.AddIssueComment(
        pull, "hubot", absl::StrCat("@octocat ", i, std::string(50'000, ' ')));
  }
  auto stalled = service.Subscribe(Request());
  ASSERT_TRUE(stalled->Next().has_value());

  // When it reads no further, then the server ends the stream,
  service.WaitUntilNoStreamIsOpen();

  // and once it reads again it is told so, after what was on the way.
  std::multiset<int64_t> delivered;
  std::string token;
  while (const auto event = stalled->Next()) {
    token = event->resume_token();
    if (event->has_mention()) delivered.insert(event->mention().id());
  }
  const grpc::Status end = stalled->Finish();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED)
      << end.error_message();
  EXPECT_LT(delivered.size(), static_cast<size_t>(kMentions));

  // With its last token it gets the rest, each once.
  const auto resumed = service.Subscribe(Request(token));
  for (const mentions::v1::Mention& mention : resumed->ReadHistory()) {
    delivered.insert(mention.id());
  }
  EXPECT_EQ(delivered.size(), static_cast<size_t>(kMentions));
  EXPECT_EQ(std::set<int64_t>(delivered.begin(), delivered.end()).size(),
            static_cast<size_t>(kMentions));
}

}  // namespace
}  // namespace mentiond
