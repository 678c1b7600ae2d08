#include "client/terminal/excerpt.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"

#include "client/terminal/display_width.h"

namespace mentiond::terminal {
namespace {

// Of the first "@octocat"; nullopt: there is none.
std::optional<size_t> OffsetIn(const std::string& body) {
  const size_t at = absl::AsciiStrToLower(body).find("@octocat");
  return at == std::string::npos ? std::nullopt : std::optional(at);
}

// The parts of the excerpt in one string, with the mention in brackets.
std::string Show(const std::string& body, int width = 60) {
  const Excerpt excerpt = MakeExcerpt(body, OffsetIn(body), width);
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
    const Excerpt excerpt = MakeExcerpt(body, OffsetIn(body), width);
    EXPECT_LE(DisplayWidth(excerpt.before) + DisplayWidth(excerpt.mention) +
                  DisplayWidth(excerpt.after),
              width);
  }
}

TEST(ExcerptTest, IsSafeToPrint) {
  EXPECT_EQ(Show("\x1b[31mred @octocat \x1b]0;t\x07 \u202E\xff"),
            "␛[31mred [@octocat] ␛]0;t␇ \uFFFD");
  EXPECT_EQ(Show("a\r@octocat\rb"), "[@octocat] b");
}

TEST(ExcerptTest, IsTheFirstLineIfThereIsNoMention) {
  EXPECT_EQ(Show("\n\n  hello &#64;octocat \nmore"), "[]hello &#64;octocat");
  EXPECT_EQ(Show(""), "[]");
  EXPECT_EQ(Show(" \r\n "), "[]");
}

TEST(ExcerptTest, ShowsWhicheverMentionBeginsAtTheOffset) {
  const std::string body = "ask @org/team-1, not @octocat_x";
  const Excerpt team = MakeExcerpt(body, 4, 60);
  EXPECT_EQ(team.mention, "@org/team-1");
  EXPECT_EQ(MakeExcerpt(body, 21, 60).mention, "@octocat_x");
}

TEST(ExcerptTest, DoesNotTrustTheOffset) {
  for (const size_t offset : {size_t{0}, size_t{3}, size_t{4}, SIZE_MAX}) {
    const Excerpt excerpt = MakeExcerpt("abc", offset, 60);
    EXPECT_EQ(excerpt.mention, "");
    EXPECT_EQ(excerpt.after, "abc");
  }
  EXPECT_EQ(MakeExcerpt("ab@", 2, 60).mention, "@");
}

TEST(ExcerptTest, UsesOnlyTheContextOfTheMentionInALongLine) {
  const std::string large(130'000, 'x');
  EXPECT_EQ(Show(large + " @octocat " + large, 40),
            "…xxxxxxxx [@octocat] xxxxxxxxxxxxxxxxxxxx…");
}

}  // namespace
}  // namespace mentiond::terminal
