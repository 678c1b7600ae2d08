#include "lib/mention/cursor.h"

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace mentiond {
namespace {

constexpr absl::Duration kOverlap = absl::Minutes(2);
const absl::Time kNoon = absl::FromUnixSeconds(1'700'000'000);

Item MakeItem(Source source, int64_t id, absl::Time updated_at,
              std::string body = "@octocat") {
  Item item;
  item.source = source;
  item.id = id;
  item.number = 1;
  item.body = std::move(body);
  item.created_at = item.updated_at = updated_at;
  return item;
}

Item Comment(int64_t id, absl::Time updated_at) {
  return MakeItem(Source::SOURCE_PULL_REQUEST_COMMENT, id, updated_at);
}

TEST(CursorTest, ReadsFromTheBeginningWhenNothingWasReadYet) {
  const Cursor cursor(std::nullopt, kOverlap);
  EXPECT_EQ(cursor.ReadFrom(Listing::kIssueComments), std::nullopt);
}

TEST(CursorTest, ReadsFromSinceAtFirstAndNeverFromBefore) {
  Cursor cursor(kNoon, kOverlap);
  EXPECT_EQ(cursor.ReadFrom(Listing::kIssueComments), kNoon);

  cursor.Advance(Listing::kIssueComments, kNoon + absl::Minutes(1));
  EXPECT_EQ(cursor.ReadFrom(Listing::kIssueComments), kNoon);

  cursor.Advance(Listing::kIssueComments, kNoon + absl::Minutes(10));
  EXPECT_EQ(cursor.ReadFrom(Listing::kIssueComments), kNoon + absl::Minutes(8));
}

TEST(CursorTest, KeepsEachListingsOwnPosition) {
  Cursor cursor(std::nullopt, kOverlap);
  cursor.Advance(Listing::kIssueComments, kNoon);
  EXPECT_EQ(cursor.ReadFrom(Listing::kIssueComments), kNoon - kOverlap);
  EXPECT_EQ(cursor.ReadFrom(Listing::kReviewComments), std::nullopt);
}

TEST(CursorTest, NeverMovesBack) {
  Cursor cursor(std::nullopt, kOverlap);
  cursor.Advance(Listing::kIssues, kNoon);
  cursor.Advance(Listing::kIssues, kNoon - absl::Hours(1));
  EXPECT_EQ(cursor.ReadFrom(Listing::kIssues), kNoon - kOverlap);
}

TEST(CursorTest, DeliversACommentOncePerVersion) {
  Cursor cursor(std::nullopt, kOverlap);
  EXPECT_TRUE(cursor.Observe(Comment(1, kNoon), true));
  EXPECT_FALSE(cursor.Observe(Comment(1, kNoon), true)) << "the same again";
  EXPECT_TRUE(cursor.Observe(Comment(1, kNoon + absl::Seconds(1)), true))
      << "edited";
  EXPECT_TRUE(cursor.Observe(Comment(2, kNoon), true)) << "another comment";
}

TEST(CursorTest, DoesNotDeliverWhatDoesNotMention) {
  Cursor cursor(std::nullopt, kOverlap);
  EXPECT_FALSE(cursor.Observe(Comment(1, kNoon), false));
  EXPECT_TRUE(cursor.Observe(Comment(1, kNoon + absl::Seconds(5)), true))
      << "an edit has added the mention";
}

TEST(CursorTest, DoesNotConfuseIdsOfDifferentSources) {
  Cursor cursor(std::nullopt, kOverlap);
  EXPECT_TRUE(cursor.Observe(Comment(1, kNoon), true));
  EXPECT_TRUE(
      cursor.Observe(MakeItem(Source::SOURCE_REVIEW_COMMENT, 1, kNoon), true));
  EXPECT_TRUE(cursor.Observe(MakeItem(Source::SOURCE_REVIEW, 1, kNoon), true));
  EXPECT_TRUE(
      cursor.Observe(MakeItem(Source::SOURCE_PULL_REQUEST, 1, kNoon), true));
  Item issue = MakeItem(Source::SOURCE_ISSUE, 1, kNoon);
  issue.number = 2;  // which no pull request has then
  EXPECT_TRUE(cursor.Observe(issue, true));
}

TEST(CursorTest, DeliversACommentThatBecomesVisibleLate) {
  // Given a comment that GitHub shows only when a later one has been read
  Cursor cursor(std::nullopt, kOverlap);
  ASSERT_TRUE(cursor.Observe(Comment(2, kNoon), true));
  cursor.Advance(Listing::kIssueComments, kNoon);

  // When it turns up within the overlap, then it is delivered, and the other
  // one is still known.
  EXPECT_TRUE(cursor.Observe(Comment(1, kNoon - kOverlap), true));
  EXPECT_FALSE(cursor.Observe(Comment(2, kNoon), true));
}

TEST(CursorTest, StillKnowsWhatIsInTheOverlapAfterMovingOn) {
  Cursor cursor(std::nullopt, kOverlap);
  ASSERT_TRUE(cursor.Observe(Comment(1, kNoon), true));
  cursor.Advance(Listing::kIssueComments, kNoon + kOverlap);
  EXPECT_FALSE(cursor.Observe(Comment(1, kNoon), true));
}

TEST(CursorTest, DoesNotRepeatWhatHasLeftTheOverlap) {
  Cursor cursor(std::nullopt, kOverlap);
  ASSERT_TRUE(cursor.Observe(Comment(1, kNoon), true));
  cursor.Advance(Listing::kIssueComments, kNoon + absl::Hours(1));
  EXPECT_FALSE(cursor.Observe(Comment(1, kNoon), true));
}

TEST(CursorTest, LeavesOutWhatIsOlderThanSince) {
  Cursor cursor(kNoon, kOverlap);
  EXPECT_FALSE(cursor.Observe(Comment(1, kNoon - absl::Seconds(1)), true));
  EXPECT_TRUE(cursor.Observe(Comment(2, kNoon), true)) << "inclusive";
  EXPECT_FALSE(cursor.Observe(
      MakeItem(Source::SOURCE_REVIEW, 3, kNoon - absl::Seconds(1)), true));
}

TEST(CursorTest, DoesNotRepeatADescriptionBecauseSomebodyCommented) {
  // Given a delivered description
  Cursor cursor(std::nullopt, kOverlap);
  ASSERT_TRUE(
      cursor.Observe(MakeItem(Source::SOURCE_PULL_REQUEST, 1, kNoon), true));

  // When the pull request's time moves, long after, with the same body
  const absl::Time later = kNoon + absl::Hours(24);
  cursor.Advance(Listing::kIssues, later);
  EXPECT_FALSE(
      cursor.Observe(MakeItem(Source::SOURCE_PULL_REQUEST, 1, later), true));
}

TEST(CursorTest, DeliversADescriptionAgainWhenItsTextChanges) {
  Cursor cursor(std::nullopt, kOverlap);
  const auto describe = [&](const std::string& body, bool mentions) {
    return cursor.Observe(MakeItem(Source::SOURCE_PULL_REQUEST, 1, kNoon, body),
                          mentions);
  };
  EXPECT_TRUE(describe("@octocat", true));
  EXPECT_TRUE(describe("@octocat, please", true));
  EXPECT_FALSE(describe("nobody", false)) << "the mention is taken out";
  EXPECT_TRUE(describe("@octocat, please", true)) << "and brought back";
}

TEST(CursorTest, DeliversAReviewOnceHoweverOftenItIsListed) {
  Cursor cursor(std::nullopt, kOverlap);
  const Item review = MakeItem(Source::SOURCE_REVIEW, 1, kNoon);
  EXPECT_FALSE(cursor.Observe(review, false));
  EXPECT_TRUE(cursor.Observe(review, true)) << "an edit has added the mention";
  EXPECT_FALSE(cursor.Observe(review, true));
  cursor.Advance(Listing::kReviews, kNoon + absl::Hours(24));
  EXPECT_FALSE(cursor.Observe(review, true));
}

// The same cursor, after a journey in a token of so many bytes.
Cursor Carried(const Cursor& cursor, size_t max_bytes = 3000) {
  state::ResumeState state;
  cursor.Save(max_bytes, state);
  EXPECT_LE(state.ByteSizeLong(), max_bytes);
  Cursor other(std::nullopt, kOverlap);
  EXPECT_TRUE(other.Load(state));
  return other;
}

TEST(CursorTest, KnowsTheSameAfterAJourney) {
  Cursor cursor(std::nullopt, kOverlap);
  const Item description = MakeItem(Source::SOURCE_PULL_REQUEST, 5, kNoon);
  const Item review = MakeItem(Source::SOURCE_REVIEW, 1, kNoon);
  ASSERT_TRUE(cursor.Observe(Comment(1, kNoon), true));
  ASSERT_TRUE(cursor.Observe(description, true));
  ASSERT_TRUE(cursor.Observe(review, true));
  cursor.Advance(Listing::kIssueComments, kNoon);
  cursor.Advance(Listing::kIssues, kNoon + absl::Minutes(10));

  Cursor carried = Carried(cursor);
  EXPECT_EQ(carried.ReadFrom(Listing::kIssueComments), kNoon - kOverlap);
  EXPECT_EQ(carried.ReadFrom(Listing::kIssues), kNoon + absl::Minutes(8));
  EXPECT_EQ(carried.ReadFrom(Listing::kReviewComments), std::nullopt);
  EXPECT_FALSE(carried.Observe(Comment(1, kNoon), true));
  EXPECT_FALSE(carried.Observe(description, true));
  EXPECT_FALSE(carried.Observe(review, true));
  EXPECT_TRUE(carried.Observe(Comment(2, kNoon), true));
  EXPECT_TRUE(carried.Observe(
      MakeItem(Source::SOURCE_PULL_REQUEST, 5, kNoon, "@octocat!"), true));
}

TEST(CursorTest, TheIssuesAreReadAgainFromWhereTheirReviewsAreNotRead) {
  Cursor cursor(std::nullopt, kOverlap);
  cursor.Advance(Listing::kReviews, kNoon);
  cursor.Advance(Listing::kIssues, kNoon + absl::Hours(1));
  EXPECT_EQ(cursor.ReadFrom(Listing::kIssues), kNoon - kOverlap);
  cursor.Advance(Listing::kReviews, kNoon + absl::Hours(1));
  EXPECT_EQ(cursor.ReadFrom(Listing::kIssues),
            kNoon + absl::Hours(1) - kOverlap);
}

TEST(CursorTest, WhereRoomIsShortTheOverlapShrinksAndNothingIsRepeated) {
  // Given more mentions than fit, spread over the overlap
  Cursor cursor(std::nullopt, kOverlap);
  std::vector<Item> delivered;
  for (int i = 0; i < 5000; ++i) {
    delivered.push_back(Comment(i + 1, kNoon + absl::Seconds(i / 45)));
    ASSERT_TRUE(cursor.Observe(delivered.back(), true));
  }
  cursor.Advance(Listing::kIssueComments, delivered.back().updated_at);

  Cursor carried = Carried(cursor);
  for (const Item& item : delivered) {
    ASSERT_FALSE(carried.Observe(item, true)) << item.id;
  }
  EXPECT_TRUE(carried.Observe(Comment(9999, delivered.back().updated_at), true))
      << "the latest second is whole";
  EXPECT_GT(*carried.ReadFrom(Listing::kIssueComments), kNoon);
}

TEST(CursorTest, OfOneSecondWithTooManyNothingIsRepeatedEither) {
  for (const int count : {900, 1800, 10'000}) {
    Cursor cursor(std::nullopt, kOverlap);
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(cursor.Observe(Comment(i + 1, kNoon), true));
    }
    Cursor carried = Carried(cursor);
    int repeated = 0;
    for (int i = 0; i < count; ++i) {
      if (carried.Observe(Comment(i + 1, kNoon), true)) ++repeated;
    }
    EXPECT_EQ(repeated, 0) << count;
    EXPECT_TRUE(carried.Observe(Comment(1, kNoon + absl::Seconds(1)), true));
  }
}

TEST(CursorTest, ForgottenDescriptionsAreNotRepeatedButWatchedAgain) {
  Cursor cursor(std::nullopt, kOverlap);
  const auto describe = [](int64_t number, const std::string& body) {
    Item item = MakeItem(Source::SOURCE_PULL_REQUEST, number, kNoon, body);
    item.number = number;
    return item;
  };
  for (int64_t number = 1; number <= 2000; ++number) {
    ASSERT_TRUE(cursor.Observe(describe(number, "@octocat"), true));
  }
  Cursor carried = Carried(cursor);
  for (int64_t number = 1; number <= 2000; ++number) {
    ASSERT_FALSE(carried.Observe(describe(number, "@octocat"), true));
  }
  EXPECT_TRUE(carried.Observe(describe(1, "@octocat, again"), true))
      << "changed since it was seen again";
  EXPECT_TRUE(carried.Observe(describe(2001, "@octocat"), true));
}

TEST(CursorTest, WhatWasNotDeliveredIsStillNewBesideManyThatWere) {
  // Given a user who is mentioned in a thousand descriptions, but not in all
  Cursor cursor(std::nullopt, kOverlap);
  const auto description = [](int64_t number) {
    Item item = MakeItem(Source::SOURCE_PULL_REQUEST, number, kNoon);
    item.number = number;
    return item;
  };
  for (int64_t number = 2; number <= 1000; ++number) {
    if (number % 10 != 0) cursor.Observe(description(number), true);
  }
  // When a stream goes on from a token, which has not room for all of it,
  state::ResumeState state;
  cursor.Save(3000, state);
  EXPECT_LE(state.ByteSizeLong(), 3000U);
  Cursor resumed(std::nullopt, kOverlap);
  ASSERT_TRUE(resumed.Load(state));
  // then it knows which were delivered and which were not.
  for (int64_t number = 1; number <= 1000; ++number) {
    EXPECT_EQ(resumed.Observe(description(number), true),
              number == 1 || number % 10 == 0)
        << number;
  }
}

}  // namespace
}  // namespace mentiond
