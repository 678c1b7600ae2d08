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

// That of the first "@octocat", if there is one.
Excerpt ExcerptOf(const std::string& body, int width) {
  const size_t at = absl::AsciiStrToLower(body).find("@octocat");
  return MakeExcerpt(
      body, at == std::string::npos ? std::nullopt : std::optional(at), width);
}

TEST(ExcerptTest, IsTheLineOfTheMentionCutToTheWidth) {
  const std::string large(130'000, 'x');
  const struct {
    std::string body;
    int width;
    const char* shown;  // with the mention in brackets
  } cases[] = {
      {"first line\r\n  cc  @OctoCat \tplease\r\nlast line", 60,
       "cc [@OctoCat] please"},
      // The next line, too, after a line of logins.
      {"@octocat, @b-c:\n\n\nhave a look\nmore", 60,
       "[@octocat], @b-c: have a look"},
      {"@octocat", 60, "[@octocat]"},
      {"Thanks @octocat\nmore", 60, "Thanks [@octocat]"},
      // A long line is cut at its end, begins at the sentence, or is cut at
      // both ends.
      {"Dear @octocat could you look at this one some day", 30,
       "Dear [@octocat] could you look…"},
      {"There is much to say about all of this and more. I think @octocat "
       "knows",
       40, "… I think [@octocat] knows"},
      {"some words that go on and on until at last we come to @octocat and "
       "then some more that also go on",
       40, "…come to [@octocat] and then some more…"},
      {large + " @octocat " + large, 40,
       "…xxxxxxxx [@octocat] xxxxxxxxxxxxxxxxxxxx…"},
      // It is safe to print.
      {"\x1b[31mred @octocat \x1b]0;t\x07 \u202E\xff", 60,
       "␛[31mred [@octocat] ␛]0;t␇ \uFFFD"},
      {"a\r@octocat\rb", 60, "[@octocat] b"},
      // Without a mention the first line that is not empty.
      {"\n\n  hello &#64;octocat \nmore", 60, "[]hello &#64;octocat"},
      {"", 60, "[]"},
      {" \r\n ", 60, "[]"},
  };
  for (const auto& [body, width, shown] : cases) {
    const Excerpt excerpt = ExcerptOf(body, width);
    EXPECT_EQ(excerpt.before + "[" + excerpt.mention + "]" + excerpt.after,
              shown);
  }
}

TEST(ExcerptTest, NeverExceedsTheWidth) {
  const std::string body =
      "長い文章がここにあります。とても長いです。 @octocat "
      "そして🎉🎉もっと続きます e\u0301e\u0301 until the end of the line";
  for (int width = 1; width < 120; ++width) {
    const Excerpt excerpt = ExcerptOf(body, width);
    EXPECT_LE(DisplayWidth(excerpt.before) + DisplayWidth(excerpt.mention) +
                  DisplayWidth(excerpt.after),
              width);
  }
}

TEST(ExcerptTest, ShowsWhicheverMentionBeginsAtTheOffset) {
  const struct {
    const char* body;
    size_t offset;
    const char* mention;
  } cases[] = {
      {"ask @org/team-1, not @octocat_x", 4, "@org/team-1"},
      {"ask @org/team-1, not @octocat_x", 21, "@octocat_x"},
      // The offset is not trusted.
      {"abc", 0, ""},
      {"abc", 3, ""},
      {"abc", 4, ""},
      {"abc", SIZE_MAX, ""},
      {"ab@", 2, "@"},
  };
  for (const auto& [body, offset, mention] : cases) {
    const Excerpt excerpt = MakeExcerpt(body, offset, 60);
    EXPECT_EQ(excerpt.mention, mention);
    EXPECT_EQ(excerpt.before + excerpt.mention + excerpt.after, body);
  }
}

}  // namespace
}  // namespace mentiond::terminal
