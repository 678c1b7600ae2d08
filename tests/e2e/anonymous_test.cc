// Streams without a token, which GitHub allows 60 requests an hour.

#include <cstdint>
#include <string>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeResponse;

// Shows: without a token: 60 requests an hour
TEST(AnonymousTest, AStreamWaitsForTheNextHourWhenSixtyAreUsedUp) {
  // Given a stream without a token, on a pull request that was merged
  Service service;
  FakeGitHub& github = service.github();
  FakeRepository& repo = github.repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "@octocat");
  repo.EditPull(pull, "@octocat", {.merged = true});
  const auto stream = service.Subscribe(Request(kRepo, "octocat", ""));
  const auto merged = stream->NextMention();
  ASSERT_TRUE(merged.has_value());
  EXPECT_EQ(merged->state(), mentions::v1::PULL_STATE_MERGED);
  const auto synced = stream->Next(SubscribeResponse::kSynced);
  ASSERT_TRUE(synced.has_value());
  EXPECT_THAT(synced->synced().gaps(),
              testing::ElementsAre(mentions::v1::GAP_ANONYMOUS));
  const auto heartbeat = stream->Next(SubscribeResponse::kHeartbeat);
  ASSERT_TRUE(heartbeat.has_value());
  const auto& rate = heartbeat->heartbeat().rate_limit();
  EXPECT_EQ(rate.limit(), 60U);

  // When all are used up, seconds before the hour is over by GitHub's clock,
  const absl::Time reset = absl::FromUnixSeconds(rate.reset_at().seconds());
  const absl::Duration ahead = reset - absl::Now() - absl::Seconds(5);
  github.SetNow([ahead] { return absl::Now() + ahead; });
  github.SetRemaining("", 0);

  // then the stream says so, once it has been refused,
  const auto delayed = stream->Next(SubscribeResponse::kDelayed);
  ASSERT_TRUE(delayed.has_value());
  EXPECT_EQ(delayed->delayed().reason(),
            mentions::v1::Delayed::REASON_RATE_LIMITED);
  EXPECT_EQ(github.stats().refused[RefusedBy::kPrimary], 1);
  // and continues after the reset, having asked for nothing before.
  repo.AddIssueComment(pull, "hubot", "@octocat again");
  const auto mention = stream->NextMention();
  ASSERT_TRUE(mention.has_value());
  EXPECT_EQ(mention->body(), "@octocat again");
  EXPECT_GE(absl::Now() + ahead, reset);
  EXPECT_EQ(github.stats().refused[RefusedBy::kPrimary], 1);
}

}  // namespace
}  // namespace mentiond
