// A stream that is interrupted while it reads a long history does not start
// over.

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

using ProgressTest = StreamFixture;

TEST_F(ProgressTest, WhatHasBeenReadIsNotReadAgain) {
  // Given a history of some hundred requests
  Ids written;
  for (int i = 0; i < 400; ++i) {
    clock_.Advance(absl::Seconds(100));
    const std::string body = i % 20 == 0 ? "for @octocat" : "hello";
    const int64_t pull = repo_.AddPull("mona", "a change");
    const int64_t review = repo_.AddReview(pull, "hubot", body);
    if (i % 20 == 0) written.push_back(review);
    for (int comment = 0; comment < 10; ++comment) {
      clock_.Advance(absl::Seconds(1));
      const int64_t id =
          repo_.AddIssueComment(pull, "hubot", comment == 0 ? body : "hello");
      if (i % 20 == 0 && comment == 0) written.push_back(id);
    }
  }
  clock_.Advance(absl::Hours(24));
  const Events all = Drain(*Start(WithToken("ghp_whole"))->queue);
  const size_t whole = Asked().size();
  EXPECT_THAT(MentionsIn(all), testing::UnorderedElementsAreArray(written));

  // The first pages of three listings, one query for the pull requests with
  // mentions not delivered yet, and the second reading of a history.
  const size_t again = 8;
  for (const int percent : {25, 50, 75, 90}) {
    // When a client resumes with a token from within it
    const auto last =
        all.begin() + static_cast<ptrdiff_t>(all.size() * percent / 100);
    const auto stream = Start(SubscriptionWith([&](auto& request) {
      request.set_token(absl::StrCat("ghp_", percent));
      request.set_resume_token(last->resume_token());
    }));
    // then it costs what is left, and gives what is left.
    EXPECT_LT(Asked().size(), whole * (100 - percent) / 100 + again);
    Ids found = MentionsIn({all.begin(), last + 1});
    for (const int64_t id : NewMentions(*stream)) found.push_back(id);
    EXPECT_THAT(found, testing::UnorderedElementsAreArray(written));
    Cancel(*stream);
  }
}

}  // namespace
}  // namespace mentiond
