#include "lib/mention/cursor.h"

#include <optional>
#include <string>

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
  EXPECT_TRUE(cursor.Observe(MakeItem(Source::SOURCE_ISSUE, 1, kNoon), true));
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
  cursor.Advance(Listing::kIssues, kNoon + absl::Hours(24));
  EXPECT_FALSE(cursor.Observe(review, true));
}

}  // namespace
}  // namespace mentiond
