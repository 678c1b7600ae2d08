#include "client/excerpt.h"

#include <gtest/gtest.h>

#include <string>

#include "client/display_width.h"

namespace mentiond {
namespace {

// The parts of the excerpt in one string, with the mention in brackets.
std::string Show(const std::string& body, int width = 60) {
  const Excerpt excerpt = MakeExcerpt(body, "octocat", width);
  return excerpt.before + "[" + excerpt.mention + "]" + excerpt.after;
}

TEST(ExcerptTest, IsTheLineThatContainsTheMention) {
  EXPECT_EQ(Show("first line\r\n  cc  @OctoCat \tplease\r\nlast line"),
            "cc [@OctoCat] please");
}

TEST(ExcerptTest, IncludesTheNextLineAfterALineOfLogins) {
  EXPECT_EQ(Show("@octocat, @b-c:\n\n\nhave a look\nmore"),
            "[@octocat], @b-c: have a look");
  EXPECT_EQ(Show("@octocat"), "[@octocat]");
  EXPECT_EQ(Show("Thanks @octocat\nmore"), "Thanks [@octocat]");
}

TEST(ExcerptTest, CutsTheEndOfALongLine) {
  EXPECT_EQ(Show("Dear @octocat could you look at this one some day", 30),
            "Dear [@octocat] could you look…");
}

TEST(ExcerptTest, StartsAtTheSentenceIfTheLineIsLong) {
  EXPECT_EQ(Show("There is much to say about all of this and more. I think "
                 "@octocat knows",
                 40),
            "… I think [@octocat] knows");
}

TEST(ExcerptTest, CutsBothSidesOfALongSentence) {
  EXPECT_EQ(Show("some words that go on and on until at last we come to "
                 "@octocat and then some more that also go on",
                 40),
            "…come to [@octocat] and then some more…");
}

TEST(ExcerptTest, NeverExceedsTheWidth) {
  const std::string body =
      "長い文章がここにあります。とても長いです。 @octocat "
      "そして🎉🎉もっと続きます "
      "e\u0301e\u0301 until the end of the line";
  for (int width = 1; width < 120; ++width) {
    const Excerpt excerpt = MakeExcerpt(body, "octocat", width);
    EXPECT_LE(DisplayWidth(excerpt.before) + DisplayWidth(excerpt.mention) +
                  DisplayWidth(excerpt.after),
              width);
  }
}

TEST(ExcerptTest, IsSafeToPrint) {
  EXPECT_EQ(Show("\x1b[31mred @octocat \x1b]0;t\x07 \u202E\xff"),
            "␛[31mred [@octocat] ␛]0;t␇ \uFFFD\uFFFD");
  EXPECT_EQ(Show("a\r@octocat\rb"), "[@octocat] b");
}

TEST(ExcerptTest, IsTheFirstLineIfThereIsNoMention) {
  EXPECT_EQ(Show("\n\n  hello &#64;octocat \nmore"), "[]hello &#64;octocat");
  EXPECT_EQ(Show(""), "[]");
  EXPECT_EQ(Show(" \r\n "), "[]");
}

TEST(ExcerptTest, UsesOnlyTheContextOfTheMentionInALongLine) {
  const std::string large(130'000, 'x');
  EXPECT_EQ(Show(large + " @octocat " + large, 40),
            "…xxxxxxxx [@octocat] xxxxxxxxxxxxxxxxxxxx…");
}

}  // namespace
}  // namespace mentiond
