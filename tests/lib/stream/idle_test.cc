// What a repository costs in which nothing, or little, happens.

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "tests/lib/stream/streams_fixture.h"

namespace mentiond {
namespace {

using Ids = std::vector<int64_t>;
constexpr char kIssues[] = "/issues?";
constexpr char kIssueComments[] = "/issues/comments?";
constexpr char kReviewComments[] = "/pulls/comments?";

class IdleTest : public StreamsFixture {
 protected:
  // A history that came to rest long ago.
  void AddHistory(int comments) {
    pull_ = repo_.AddPull("mona", "Hello @octocat");
    for (int i = 0; i < comments; ++i) {
      clock_.Advance(absl::Seconds(61));
      repo_.AddIssueComment(pull_, "hubot", "@octocat");
      repo_.AddReviewComment(pull_, "hubot", "nothing");
    }
    clock_.Advance(absl::Hours(24));
  }

  // Requests of each kind in one poll, issues first.
  Ids PollAndCount() {
    Asked();
    Poll();
    const std::vector<std::string> asked = Asked();
    return {CountOf(asked, kIssues), CountOf(asked, kIssueComments),
            CountOf(asked, kReviewComments)};
  }
  // Polls until the next would be nothing special.
  void Settle() {
    for (int i = 0; i < 4; ++i) Poll();
    while (PollAndCount() != kOnlyIssues) {
    }
  }

  const Ids kOnlyIssues = {1, 0, 0};
  const Ids kAll = {1, 1, 1};
  int64_t pull_ = 0;
};

TEST_F(IdleTest, AnHourCostsNothing) {
  for (const int comments : {0, 5, 99, 100, 101, 250}) {
    AddHistory(comments);
    const auto stream = Start();
    github_.ClearLog();
    for (int poll = 0; poll < 60; ++poll) Poll();

    const auto stats = github_.stats();
    EXPECT_EQ(stats.conditional, stats.requests) << comments;
    EXPECT_EQ(stats.by_status.size(), 1U) << comments;
    EXPECT_EQ(stats.by_status.count(304), 1U) << comments;
    EXPECT_EQ(stats.points, 0) << comments;
    // One a poll, and the others in two polls after the history and in each
    // tenth.
    EXPECT_LE(stats.requests, 60 + 2 * (2 + 7)) << comments;
    std::cout << "an idle hour after " << comments
              << " comments: " << stats.requests << " requests, "
              << stats.points << " points\n";
    Cancel(*stream);
  }
}

TEST_F(IdleTest, AfterAnUpdateThreePollsReadAllListings) {
  AddHistory(5);
  environment_.full_poll_every = 1000;
  const auto stream = Start();
  Settle();
  Drain(*stream->queue);

  // When somebody comments
  const int64_t comment = repo_.AddIssueComment(pull_, "hubot", "@octocat");
  EXPECT_EQ(PollAndCount(), kAll);
  EXPECT_EQ(Mentions(*stream->queue), Ids{comment});
  EXPECT_EQ(PollAndCount(), kAll);
  EXPECT_EQ(PollAndCount(), kAll);
  EXPECT_EQ(PollAndCount(), kOnlyIssues);
  EXPECT_EQ(PollAndCount(), kOnlyIssues);
}

TEST_F(IdleTest, AChangeOnAnyOfManyPagesIsNoticed) {
  // Given a bulk change that put more issues into one second than a page has
  AddHistory(1);
  const absl::Time second = clock_.Now();
  for (int i = 0; i < 130; ++i) {
    repo_.AddPull("mona", "x", {.created_at = second, .updated_at = second});
  }
  clock_.Advance(absl::Hours(1));
  environment_.full_poll_every = 1000;
  const auto stream = Start();
  for (int i = 0; i < 10; ++i) Poll();
  Asked();
  Poll();
  EXPECT_EQ(CountOf(Asked(), kReviewComments), 0);

  const int64_t comment = repo_.AddReviewComment(pull_, "hubot", "@octocat");
  Drain(*stream->queue);
  Poll();
  EXPECT_EQ(Mentions(*stream->queue), Ids{comment});
}

TEST_F(IdleTest, WhatTheIssuesListingDoesNotShowIsDelayedAndNotLost) {
  AddHistory(5);
  const int64_t comment = repo_.AddReviewComment(pull_, "hubot", "hello");
  clock_.Advance(absl::Hours(1));
  const auto stream = Start();
  Settle();
  Drain(*stream->queue);

  // When an edit adds the mention, which does not update the pull request
  repo_.EditReviewComment(comment, "hello @octocat");
  Ids found;
  int polls = 0;
  while (found.empty() && polls < 20) {
    Poll();
    ++polls;
    found = Mentions(*stream->queue);
  }
  EXPECT_EQ(found, Ids{comment});
  EXPECT_LE(polls, environment_.full_poll_every);
}

TEST_F(IdleTest, EveryPollIsFullWithFullPollEveryOne) {
  AddHistory(5);
  environment_.full_poll_every = 1;
  const auto stream = Start();
  for (int poll = 0; poll < 20; ++poll) EXPECT_EQ(PollAndCount(), kAll);
}

TEST_F(IdleTest, AThousandStreamsOfOneTokenCostWhatOneCosts) {
  AddHistory(150);
  const auto first = Start();
  const int64_t history = github_.stats().requests;
  github_.ClearLog();
  for (int poll = 0; poll < 20; ++poll) Poll();
  const int64_t alone = github_.stats().requests;
  Cancel(*first);

  // When a thousand more come, each for another user, at different times
  github_.ClearLog();
  std::vector<std::shared_ptr<OpenStream>> streams;
  for (int i = 0; i < 1000; ++i) {
    streams.push_back(Open(MakeSubscription(absl::StrCat("user", i))));
    if (i % 100 == 0) Run();
  }
  Run();
  const int64_t histories = github_.stats().requests;
  for (const auto& stream : streams) Drain(*stream->queue);

  // then their polls cost the same,
  for (int poll = 0; poll < 10; ++poll) Poll();
  github_.ClearLog();
  for (int poll = 0; poll < 20; ++poll) Poll();
  EXPECT_LE(github_.stats().requests, alone);
  EXPECT_EQ(github_.stats().points, 0);

  // and a change costs one response for each listing that shows it.
  for (const auto& stream : streams) Drain(*stream->queue);
  repo_.AddIssueComment(pull_, "hubot", "@user1 and @user999");
  github_.ClearLog();
  Poll();
  EXPECT_LE(github_.stats().points, 3) << "issues, comments, reviews";
  for (size_t i = 0; i < streams.size(); ++i) {
    EXPECT_EQ(Mentions(*streams[i]->queue).size(), i == 1 || i == 999 ? 1U : 0U)
        << i;
  }
  std::cout << "history: " << history << " requests for one stream, "
            << histories << " for a thousand more; 20 polls: " << alone
            << " requests for one and for a thousand\n";
  EXPECT_LE(histories, 12 * history);
}

}  // namespace
}  // namespace mentiond
