// Whatever bytes a comment holds, reading it ends soon and ends well.

#include <algorithm>
#include <ctime>
#include <random>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/markdown/extractor.h"
#include "lib/markdown/mention_index.h"
#include "lib/markdown/parse_cost.h"

namespace mentiond {
namespace {

constexpr std::string_view kNasty =
    "# @a *b _@c-d_* `@e` [@f](g '@h') ![@i][j] <a title=\"@k\">@l</a>\r\n"
    "> - 1. @m\n>   ~~@n~~ <!-- @o --> &#64;p &commat;q \\@r @s\\-t [^1]\n\n"
    "|@u|<b>@v</b>|\n|-|:-:|\n|`@w`|@x_y|\n\n<details><pre>@z\n\n</pre>@a1\n"
    "<script>@b1</scrip </script>\n</details>\n\n```\n@c1\n```\n\n"
    "[^1]: @d1 www.x.org/@e1 f1@g1.org <https://x/@h1>\xf0\x9f\x98\x80@i1\xff@"
    "j1\xc3";

// All questions are answered, and agree.
void Read(std::string_view markdown) {
  const std::vector<std::string> all = ExtractMentions(markdown);
  const MentionIndex index({markdown});
  for (const std::string& login : all) {
    ASSERT_TRUE(Login::IsValid(login)) << login;
    ASSERT_TRUE(HasMention(markdown, *Login::Parse(login))) << markdown;
    ASSERT_EQ(index.Candidates(*Login::Parse(login)).size(), 1) << markdown;
  }
  static const Login absent = *Login::Parse("nobody-has-this-name");
  ASSERT_FALSE(HasMention(markdown, absent));
}

TEST(RobustnessTest, ReadsHostileInputCutOrWithAnyByteReplaced) {
  EXPECT_GT(ExtractMentions(kNasty).size(), 10u);
  for (std::size_t i = 0; i <= kNasty.size(); ++i) {
    Read(kNasty.substr(0, i));
    Read(kNasty.substr(i));
    for (const char c : {'\0', '<'}) {
      std::string text(kNasty);
      if (i < text.size()) text[i] = c;
      Read(text);
    }
  }
}

TEST(RobustnessTest, ReadsRandomBytesAndRandomMarkdown) {
  const std::vector<std::string> pieces = {
      "@u",  "@u-v", "_x",    "\n",   "\n\n", " ",    "    ",   ">",  "- ",
      "1. ", "`",    "```\n", "*",    "**",   "~~",   "[",      "](", ")",
      "![",  "<a>",  "</a>",  "<pre", ">",    "<!--", "-->",    "|",  "|-|\n",
      "\\",  "&#64", ";",     "[^1]", ":",    "www.", "<div>",  "\"", "@",
      "/",   ".",    "\xc3",  "'",    "=",    "</",   "<code>", "#",  "\r\n"};
  std::mt19937 random(4711);  // NOLINT: the same bodies in every run.
  const auto below = [&](size_t bound) { return random() % bound; };
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (size_t i = below(80) + 1; i > 0; --i)
      text += pieces[below(pieces.size())];
    Read(text);
    if (round % 2 == 0) continue;
    text.resize(below(600));
    for (char& c : text) c = static_cast<char>(below(256));
    Read(text);
  }
}

TEST(RobustnessTest, SplitsNoLoginAtANulByte) {
  EXPECT_EQ(ExtractMentions(std::string_view("@a\0b @c", 7)),
            (std::vector<std::string>{"a", "c"}));
}

// `piece` again and again, up to `size` bytes.
std::string Repeat(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  return text;
}

// How long it takes to read a text that mentions @u at its end, in time of this
// process's own, as others may run.
double SecondsToRead(std::string text) {
  text += "\n\n@u";
  const std::clock_t start = std::clock();
  ExtractMentions(text);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST(RobustnessTest, ReadsHostileInputInBoundedTime) {
  // Given how long prose takes, parsed as it is,
  const std::size_t n = 131'072;
  const std::string prose = Repeat(
      "Some *words* in `code`, a [link](https://x.org), a list:\n- a\n\n", n);
  ASSERT_FALSE(IsTooCostlyToParse(prose));
  std::vector<double> floors(9);
  for (double& floor : floors) floor = SecondsToRead(prose);
  std::nth_element(floors.begin(), floors.begin() + 4, floors.end());
  const double floor = floors[4];
  // and bodies over which cmark-gfm may take the square of their length, long
  // enough that the square would show,
  std::vector<std::pair<std::string, std::string>> texts;
  for (const char* piece :
       {">",     "> ",     "[",         "]",          "![[]()",
        "- ",    "1. ",    "* + ",      "*",          "_",
        "*a_ ",  "a**b ",  "`",         "~",          "<",
        "<?",    "a <!A ", "<!--",      "x<![CDATA[", "<a b ",
        "(",     ")",      "http://a",  "http://a)",  "_www.a",
        "a@b.c", "@",      "a@",        "[^a]",       "[^a]:",
        "~[^a]", "*[^a]:", "[^a]: b\n", "[a]: b\n",   "&",
        "\\",    "|",      "|-",        "|-\n",       "*\n",
        "\t",    "[a](",   "[](<",      "\n> ",       "<div>\n",
        "<b>",   "<code>", "</a>",      "<pre>"}) {
    texts.emplace_back(piece, "x " + Repeat(piece, n));
    texts.emplace_back(piece, Repeat(piece, n));
    for (const char* rest : {"a\n", "\n"}) {
      texts.emplace_back(absl::StrCat(piece, ", lines of ", rest),
                         Repeat(piece, n / 2) + Repeat(rest, n / 2));
    }
  }
  texts.emplace_back("wide table", Repeat("|x", n / 16) + "|\n" +
                                       Repeat("|-", n / 16) + "|\n" +
                                       Repeat("a\n", n / 2));
  texts.emplace_back("URL of brackets", "http://a.b/" + Repeat(")", n));
  std::string stairs;
  for (std::size_t i = 0; stairs.size() < n; ++i) {
    absl::StrAppend(&stairs, std::string(2 * i, ' '), "* a\n");
  }
  texts.emplace_back("stairs", stairs);
  texts.emplace_back("end tags that close nothing",
                     "x " + Repeat("<code>", n / 2) + Repeat("</a>", n / 2));
  for (const auto& [name, text] : texts) {
    // when each is read, then it takes ten times as long, or so, not thousands.
    EXPECT_LT(SecondsToRead(text), 40 * floor) << name;
  }
}

TEST(RobustnessTest, ParsesWhatABotWrites) {
  // Given a bot's description of an update: a changelog of 60 KB in one HTML
  // list without a blank line, with a person linked in each item
  const std::string body =
      "Thanks @u\n\n<ul>\n" +
      Repeat(
          "<li>Fix it (<a href=\"https://x.org/a/b/pull/1\">#1</a>) by <a "
          "href=\"https://x.org/v\"><code>@v</code></a></li>\n",
          60'000) +
      "</ul>\n";
  // then it is worth its parse, which tells that nobody else is mentioned.
  EXPECT_EQ(ExtractMentions(body), std::vector<std::string>{"u"});
}

TEST(RobustnessTest, LosesNoMentionWhereItDoesNotParse) {
  const std::string deep = std::string(100'000, '>') + " @u";
  ASSERT_TRUE(IsTooCostlyToParse(deep));
  EXPECT_EQ(ExtractMentions(deep), std::vector<std::string>{"u"});
  EXPECT_TRUE(HasMention(deep, *Login::Parse("u")));
  const std::string megabyte = Repeat("Some *words*:\n- a\n\n", 1'000'000);
  EXPECT_EQ(ExtractMentions(megabyte + "@u"), std::vector<std::string>{"u"});
}

}  // namespace
}  // namespace mentiond
