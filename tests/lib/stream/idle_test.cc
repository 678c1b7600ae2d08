// What a repository costs in which nothing, or little, happens.

#include <iostream>

#include "absl/strings/str_cat.h"

#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

class IdleTest : public StreamFixture {
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

  // Of so many polls: "1" for one that reads the issues listing alone, "3" for
  // one that reads all three, anything else in full.
  std::string Polls(int count) {
    std::string polls;
    for (; count > 0; --count) {
      Asked();
      Poll();
      const auto asked = Asked();
      const bool issues = CountOf(asked, "/issues?") == 1;
      const int comments = CountOf(asked, "/issues/comments?");
      const int review_comments = CountOf(asked, "/pulls/comments?");
      const auto rest = static_cast<size_t>(comments + review_comments);
      if (issues && rest == 0) {
        polls += "1";
      } else if (issues && comments == 1 && review_comments == 1) {
        polls += "3";
      } else {
        absl::StrAppend(&polls, "[", asked.size(), " requests]");
      }
    }
    return polls;
  }

  int64_t pull_ = 0;
};

// Shows: a quiet repository uses no quota
TEST_F(IdleTest, AnHourCostsNothing) {
  for (const int comments : {0, 5, 99, 100, 101, 250}) {
    AddHistory(comments);
    const auto stream = Start();
    github_.ClearLog();
    Poll(60);
    const auto stats = github_.stats();
    EXPECT_EQ(stats.conditional, stats.requests) << comments;
    EXPECT_EQ(stats.by_status.size(), 1U) << comments;
    EXPECT_EQ(stats.by_status.count(304), 1U) << comments;
    EXPECT_EQ(stats.graphql_requests, 0) << comments;
    EXPECT_EQ(stats.points, 0) << comments;
    // One a poll, and the others in two polls after the history, which may be
    // full ones, and in each tenth.
    EXPECT_GE(stats.requests, 60 + 2 * 6) << comments;
    EXPECT_LE(stats.requests, 60 + 2 * (2 + 6)) << comments;
    Cancel(*stream);
  }
}

// Shows: `--full_poll_every`
TEST_F(IdleTest, EveryNthPollReadsAllListings) {
  AddHistory(5);
  for (const int every : {1, 3, 10}) {
    environment_.full_poll_every = every;
    const auto stream = Start();
    // Until the history and what it showed is over, and then to a full poll,
    Polls(4);
    int polls = 0;
    while (Polls(1) != "3" && polls < every) ++polls;
    ASSERT_LT(polls, every) << "no full poll in " << every;
    // every one, three, or ten is full, and no other.
    const std::string cycle = std::string(static_cast<size_t>(every - 1), '1');
    EXPECT_EQ(Polls(3 * every), cycle + "3" + cycle + "3" + cycle + "3");
    Cancel(*stream);
  }
}

TEST_F(IdleTest, AfterAnUpdateThreePollsReadAllListings) {
  AddHistory(5);
  environment_.full_poll_every = 1000;
  const auto stream = Start();
  Poll(5);
  EXPECT_EQ(Polls(5), "11111");
  Drain(*stream->queue);
  const int64_t comment = repo_.AddIssueComment(pull_, "hubot", "@octocat");
  EXPECT_EQ(Polls(1), "3");
  EXPECT_EQ(NewMentions(*stream), Ids{comment});
  EXPECT_EQ(Polls(4), "3311");
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
  Poll(10);
  Asked();
  Poll();
  EXPECT_EQ(CountOf(Asked(), "/pulls/comments?"), 0);

  const int64_t comment = repo_.AddReviewComment(pull_, "hubot", "@octocat");
  Drain(*stream->queue);
  EXPECT_EQ(MentionsAfter(1, *stream), Ids{comment});
}

TEST_F(IdleTest, WhatTheIssuesListingDoesNotShowIsDelayedAndNotLost) {
  AddHistory(5);
  const int64_t comment = repo_.AddReviewComment(pull_, "hubot", "hello");
  clock_.Advance(absl::Hours(1));
  const auto stream = Start();
  Poll(5);
  Drain(*stream->queue);
  // When an edit adds the mention, which does not update the pull request,
  repo_.EditReviewComment(comment, "hello @octocat");
  // then the next full poll finds it, and no other poll does.
  EXPECT_EQ(MentionsAfter(environment_.full_poll_every, *stream), Ids{comment});
  EXPECT_EQ(MentionsAfter(environment_.full_poll_every, *stream), Ids{});
}

// Shows: streams of one token on one repository cost what one costs
TEST_F(IdleTest, AThousandStreamsOfOneTokenCostWhatOneCosts) {
  AddHistory(150);
  const auto first = Start();
  const int64_t history = github_.stats().requests;
  github_.ClearLog();
  Poll(20);
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
  EXPECT_LE(histories, 8 * history) << "one for each of ten times, and less";

  // then their polls cost the same,
  Poll(10);
  github_.ClearLog();
  Poll(20);
  EXPECT_LE(github_.stats().requests, alone);
  EXPECT_EQ(github_.stats().points, 0);

  // and a change costs one response for each listing that shows it.
  for (const auto& stream : streams) Drain(*stream->queue);
  repo_.AddIssueComment(pull_, "hubot", "@user1 and @user999");
  github_.ClearLog();
  Poll();
  EXPECT_LE(github_.stats().points, 3) << "issues, comments, reviews";
  for (size_t i = 0; i < streams.size(); ++i) {
    EXPECT_EQ(NewMentions(*streams[i]).size(), i == 1 || i == 999 ? 1U : 0U)
        << i;
  }
}

}  // namespace
}  // namespace mentiond
