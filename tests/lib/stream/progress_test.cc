// A stream that is interrupted while it reads a long history does not start
// over.

#include <cstdint>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/subscription/resume_token.h"
#include "tests/lib/stream/streams_fixture.h"

namespace mentiond {
namespace {

using Found = std::multiset<std::pair<Source, int64_t>>;

class ProgressTest : public StreamsFixture {
 protected:
  static constexpr int kPulls = 400;
  static constexpr int kComments = 10;  // of each pull request

  ProgressTest() {
    github_.SetLimit(1'000'000, 1'000'000);
    for (int i = 0; i < kPulls; ++i) {
      clock_.Advance(absl::Seconds(100));
      const std::string body = i % 20 == 0 ? "for @octocat" : "hello";
      const int64_t pull = repo_.AddPull("mona", "a change");
      repo_.AddReview(pull, "hubot", body);
      for (int comment = 0; comment < kComments; ++comment) {
        clock_.Advance(absl::Seconds(1));
        repo_.AddIssueComment(pull, "hubot", comment == 0 ? body : "hello");
      }
    }
    clock_.Advance(absl::Hours(24));
  }

  // Nothing is in the cache of a token of its own.
  Subscription For(const std::string& token) {
    Subscription subscription = MakeSubscription();
    subscription.token = Secret("ghp_" + token);
    return subscription;
  }

  static Found MentionsIn(const std::vector<EventQueue::Event>& events) {
    Found found;
    for (const EventQueue::Event& event : events) {
      if (!event.has_mention()) continue;
      found.emplace(event.mention().source(), event.mention().id());
    }
    return found;
  }
};

TEST_F(ProgressTest, WhatHasBeenReadIsNotReadAgain) {
  // Given a history of some hundred requests
  const auto all = Drain(*Start(For("whole"))->queue);
  const size_t whole = Asked().size();
  const Found expected = MentionsIn(all);
  ASSERT_EQ(expected.size(), size_t{2 * kPulls / 20});

  // The first pages of three listings, one query for the pull requests with
  // mentions not delivered yet, and the second reading of a history.
  const size_t again = 8;
  for (const int percent : {25, 50, 75, 90}) {
    // When a client resumes with a token from within it
    const auto last =
        all.begin() + static_cast<ptrdiff_t>(all.size() * percent / 100);
    Subscription subscription = For(absl::StrCat(percent));
    auto point = DecodeResumeToken(
        last->resume_token(),
        SubscriptionHash(subscription.repo, subscription.target,
                         subscription.sources));
    ASSERT_TRUE(point.ok()) << point.status();
    subscription.progress = *std::move(point);
    const auto stream = Start(subscription);
    const size_t rest = Asked().size();

    // then it costs what is left, and gives what is left.
    std::cout << "after " << percent << " % of the responses: " << rest
              << " of " << whole << " requests\n";
    EXPECT_LT(rest, whole * (100 - percent) / 100 + again);
    Found found = MentionsIn({all.begin(), last + 1});
    found.merge(MentionsIn(Drain(*stream->queue)));
    EXPECT_EQ(found, expected);
    Cancel(*stream);
  }
}

}  // namespace
}  // namespace mentiond
