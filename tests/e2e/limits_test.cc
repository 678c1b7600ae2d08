// How the service keeps within GitHub's secondary limits.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

TEST(LimitsTest, ManyStreamsOfOneTokenAreNeverTooManyAtATime) {
  // Given a GitHub that takes each caller's requests one after another, and its
  // time for each, so that two would meet there
  Service service;
  service.github().SetConcurrentLimit(1);
  Fault slow = Fault::Hang("", absl::Milliseconds(20));
  slow.times = std::nullopt;
  service.github().AddFault(slow);
  std::vector<FakeRepository*> repos;
  for (int i = 0; i < 5; ++i) {
    repos.push_back(&service.github().repo(absl::StrCat("octo/demo", i)));
    repos.back()->AddPull("mona", "Hello @octocat");
  }

  // When twenty people with one token subscribe, to five repositories
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 20; ++i) {
    streams.push_back(
        service.Subscribe(absl::StrCat("octo/demo", i % 5), "octocat"));
  }

  // Then each gets its history and what comes, and none is ever refused.
  for (const auto& stream : streams) {
    EXPECT_EQ(stream->ReadHistory().size(), 1);
  }
  for (FakeRepository* repo : repos) {
    repo->AddIssueComment(1, "hubot", "@octocat now");
  }
  for (const auto& stream : streams) {
    ASSERT_TRUE(stream->NextMention().has_value());
  }
  EXPECT_THAT(service.github().stats().refused, testing::IsEmpty());
}

}  // namespace
}  // namespace mentiond
