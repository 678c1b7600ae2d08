#include "client/terminal/display_width.h"

#include <gtest/gtest.h>

namespace mentiond::terminal {
namespace {

TEST(DisplayWidthTest, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("é"), 1);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
  EXPECT_EQ(DisplayWidth("日本"), 4);
  EXPECT_EQ(DisplayWidth("🎉"), 2);
  EXPECT_EQ(DisplayWidth("…"), 1);
  EXPECT_EQ(DisplayWidth(""), 0);
}

TEST(DisplayWidthTest, DoesNotCutTextThatFits) {
  EXPECT_EQ(CutEnd("abc", 3), "abc");
  EXPECT_EQ(CutStart("abc", 3), "abc");
  EXPECT_EQ(CutEnd("", 0), "");
}

TEST(DisplayWidthTest, CutsBetweenCodePointsAndWideCharacters) {
  EXPECT_EQ(CutEnd("日本語日本語", 6), "日本…");
  EXPECT_EQ(CutEnd("日本語日本語", 5), "日本…");
  EXPECT_EQ(CutStart("日本語日本語", 6), "…本語");
  EXPECT_EQ(CutStart("日本語日本語", 5), "…本語");
  // A combining mark stays with its base character.
  EXPECT_EQ(CutEnd("e\u0301e\u0301e\u0301", 2), "e\u0301…");
  EXPECT_EQ(CutStart("e\u0301e\u0301e\u0301", 2), "…e\u0301");
  // No joiner is left at the end.
  EXPECT_EQ(CutEnd("👩\u200D👩\u200D👧", 4), "👩…");
}

TEST(DisplayWidthTest, CutsBetweenWordsIfASpaceIsNear) {
  EXPECT_EQ(CutEnd("the quick brown fox jumps over", 22),
            "the quick brown fox…");
  EXPECT_EQ(CutStart("the quick brown fox jumps over", 20), "…fox jumps over");
  EXPECT_EQ(CutEnd("abcdefghijklmnopqrstuvwxyz", 10), "abcdefghi…");
}

TEST(DisplayWidthTest, NeverExceedsTheWidth) {
  const std::string text = "a 日本 🎉🎉 e\u0301e\u0301 long-word-here 語 end";
  for (int width = 0; width < 60; ++width) {
    EXPECT_LE(DisplayWidth(CutEnd(text, width)), width);
    EXPECT_LE(DisplayWidth(CutStart(text, width)), width);
  }
}

}  // namespace
}  // namespace mentiond::terminal
