#include "lib/markdown/extractor.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

#include "lib/base/login.h"
#include "lib/markdown/mention_index.h"

namespace mentiond {
namespace {

using Logins = std::vector<std::string>;

// One rule: its name, a body, and the users that the body mentions.
struct Rule {
  std::string_view name;
  std::string markdown;
  Logins mentions;
};

void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.markdown; }

class ExtractorTest : public testing::TestWithParam<Rule> {};

TEST_P(ExtractorTest, Holds) {
  const Rule& rule = GetParam();
  EXPECT_EQ(ExtractMentions(rule.markdown), rule.mentions) << rule.markdown;
  // The question for one login agrees, for those found and for some not found.
  Logins asked = rule.mentions;
  for (const char* login : {"u", "v", "u-v", "u_v", "team"}) {
    asked.emplace_back(login);
  }
  for (const std::string& login : asked) {
    EXPECT_EQ(HasMention(rule.markdown, *Login::Parse(login)),
              std::count(rule.mentions.begin(), rule.mentions.end(), login) > 0)
        << login << " in: " << rule.markdown;
  }
  // No body that mentions a user is missing from the index.
  const MentionIndex index({rule.markdown});
  for (const std::string& login : rule.mentions) {
    EXPECT_EQ(index.Candidates(*Login::Parse(login)).size(), 1)
        << login << " in: " << rule.markdown;
  }
}

std::string NameOf(const testing::TestParamInfo<Rule>& info) {
  return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(
    AMention, ExtractorTest,
    testing::ValuesIn(std::vector<Rule>{
        {"CountsInPlainText", "thanks to @u for this", {"u"}},
        {"CountsAtTheStart", "@u thanks", {"u"}},
        {"CountsAtTheEnd", "thanks @u", {"u"}},
        {"CountsAtTheStartOfALine", "a\n@u\nb", {"u"}},
        {"CountsBetweenCarriageReturns", "a\r\n@u\r\nb", {"u"}},
        {"CountsAfterABracket", "(@u) [@v] {@w}", {"u", "v", "w"}},
        {"CountsAfterPunctuation", "/cc:@u,@v;@w", {"u", "v", "w"}},
        {"CountsAfterAnotherAtSign", "@@u", {"u"}},
        {"CountsInAnyCase", "@U @MarcoFalke", {"u", "marcofalke"}},
        {"CountsOnceAndInOrder", "@v @u @V @u", {"v", "u"}},
        {"CountsWithHyphensInside", "@u-v-w", {"u-v-w"}},
        {"CountsWithAnEnterpriseShortcode",
         "@u_v and @w-x_y",
         {"u_v", "w-x_y"}},
        {"CountsAt39Characters",
         "@" + std::string(39, 'a'),
         {std::string(39, 'a')}},
        {"CountsBesideLettersThatAreNotAscii", "你好@u你好 é@v", {"u", "v"}},
        {"CountsAfterABackslash", "\\@u", {"u"}},
        {"CountsAfterABackslashWithinTheLogin",
         "@u\\-v @u\\_v",
         {"u-v", "u_v"}},
        {"CountsAfterALoneBacktick", "`@u", {"u"}},
        {"CountsAsACharacterReference",
         "&#64;u &#x40;v &commat;w",
         {"u", "v", "w"}},
        {"CountsWithAReferenceInside", "@&#117;", {"u"}},
        {"DoesNotCountAfterALetter", "foo@u", {}},
        {"DoesNotCountAfterADigit", "1@u", {}},
        {"DoesNotCountAfterAnUnderscore", "a_@u", {}},
        {"DoesNotCountAfterAReferenceToALetter", "&#97;@u", {}},
        {"DoesNotCountInAnEmailAddress", "mail a@u.org or a+b@u", {}},
        {"DoesNotCountInAnAngledEmailAddress", "<a@u.org>", {}},
        {"DoesNotCountAsAFediverseHandle", "@u@v.social", {}},
        {"DoesNotCountWithoutALogin", "@ u @-u @_u @. @", {}},
        {"DoesNotCountAt40Characters", "@" + std::string(40, 'a'), {}},
        {"DoesNotCountAsATeam", "@team/u and @team/", {}},
        {"DoesNotCountAsATeamAfterASlash", "a/@team/u", {}},
        {"DoesNotCountWithAHyphenAtItsEnd", "@u- @u-- text", {}},
        {"DoesNotCountWithTwoHyphensInARow", "@u--v", {}},
        {"DoesNotCountWithAnUnderscoreAtItsEnd", "@u_ x", {}},
    }),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    WhatFollows, ExtractorTest,
    testing::ValuesIn(std::vector<Rule>{
        {"MayBeADotAtTheEnd", "see @u.", {"u"}},
        {"MayBeADotBeforeASpace", "ask @u. Or not", {"u"}},
        {"MayBeADotBeforeALineEnd", "ask @u.\nOr not", {"u"}},
        {"MayBeADotBeforeABracket", "(ask @u.)", {"u"}},
        {"MayBeDots", "@u... @v..", {"u", "v"}},
        {"MayBeAComma", "@u, hi", {"u"}},
        {"MayBeAColon", "@u: hi", {"u"}},
        {"MayBeAnExclamationMark", "@u! @v?", {"u", "v"}},
        {"MayBeAPossessive", "@u's and @v’s", {"u", "v"}},
        {"MayBeABracket", "(@u) [@v]", {"u", "v"}},
        {"MayBeAnAtSign", "@u@ and @v@w", {"u", "v"}},
        {"MayBeAnAngle", "@u<br>@v>", {"u", "v"}},
        {"MayBeANonBreakingSpace", "@u&nbsp;x @v\xc2\xa0x", {"u", "v"}},
        {"MayNotBeADomain", "@u.com @v.w", {}},
        {"MayNotBeAnUnderscoreWithMore", "@u_v_w", {}},
        {"MakesALongerLogin", "@uv", {"uv"}},
    }),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Markdown, ExtractorTest,
    testing::ValuesIn(std::vector<Rule>{
        {"CountsInHeadings", "# @u\n\n@v\n---\n", {"u", "v"}},
        {"CountsInLists", "- @u\n  - @v\n\n1. @w\n", {"u", "v", "w"}},
        {"CountsInTaskLists", "- [x] @u\n- [ ] @v\n", {"u", "v"}},
        {"CountsInTables", "|a|b|\n|-|-|\n|@u|x @v|\n", {"u", "v"}},
        {"CountsInTableHeads", "|@u|\n|-|\n", {"u"}},
        {"CountsInBlockquotes", "> @u\n> > @v\nlazy @w", {"u", "v", "w"}},
        {"CountsInEmphasis",
         "*@u* **@v** _@w_ __@x__ ~~@y~~",
         {"u", "v", "w", "x", "y"}},
        {"CountsInFootnotes", "a[^1]\n\n[^1]: @u\n", {"u"}},
        {"DoesNotCountInUnusedFootnotes", "a\n\n[^1]: @u\n", {}},
        {"SeesEachTextNodeByItself",
         "*a*@u and @v**w** and b`c`@x",
         {"u", "v", "x"}},
        {"JoinsTextThatTheParserSplits",
         "@u_v a_b_c@w @x'y [@z",
         {"u_v", "x", "z"}},
        {"DoesNotCountInInlineCode", "`@u` ``a ` @v``", {}},
        {"DoesNotCountInCodeOverLines", "`a\n@u`", {}},
        {"DoesNotCountInFencedCode", "```\n@u\n```\n~~~c++\n@v\n~~~\n", {}},
        {"DoesNotCountInAFencesInfo", "```@u\n```\n", {}},
        {"DoesNotCountInUnclosedFences", "```\n@u\n\n@v", {}},
        {"DoesNotCountInIndentedCode", "a\n\n    @u\n", {}},
        {"DoesNotCountInQuotedCode", "> ```\n> @u\n> ```\n", {}},
        {"DoesNotCountInLinkText", "[@u](https://x.org) [a *@v*](y)", {}},
        {"DoesNotCountInReferenceLinks", "[@u]\n\n[@u]: https://x.org\n", {}},
        {"DoesNotCountInLinkTargetsAndTitles", "[a](/@u '@v')", {}},
        {"CountsInWhatIsNoLinkAfterAll", "[@u](not a link", {"u"}},
        {"CountsAfterALink", "[a](b)@u [a](b) @v", {"u", "v"}},
        {"DoesNotCountInImages", "![@u](https://x.org/@v.png)", {}},
        {"DoesNotCountInAutolinks", "<https://x.org/@u>", {}},
        {"DoesNotCountInBareUrls", "https://x.org/@u www.x.org/@v", {}},
    }),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Html, ExtractorTest,
    testing::ValuesIn(std::vector<Rule>{
        {"CountsInBlocks", "<div>\n@u\n</div>\n", {"u"}},
        {"CountsInDetails",
         "<details><summary>@u</summary>\n\n@v\n</details>",
         {"u", "v"}},
        {"CountsInParagraphElements", "<p>@u <b>@v</b></p>", {"u", "v"}},
        {"CountsInInlineElements", "a <b>@u</b> <kbd>@v</kbd>", {"u", "v"}},
        {"CountsAfterInlineCodeElements", "<code>@u</code> @v", {"v"}},
        {"CountsAsAReferenceInBlocks", "<p>&#64;u</p>", {"u"}},
        {"CountsAfterAnAngleThatIsNoTag", "<p>1 < 2 @u</p>", {"u"}},
        {"DoesNotCountInInlineCodeElements", "a <code>@u</code>", {}},
        {"DoesNotCountInLinkElements", "a <a href='x'>@u</a>", {}},
        {"DoesNotCountInCodeElementsAroundMarkdown",
         "<code>a **@u** b</code>",
         {}},
        {"DoesNotCountInPreBlocks", "<pre>\n@u\n\n@v\n</pre>\n", {}},
        {"DoesNotCountInNestedElements", "<pre><b>@u</b></pre>", {}},
        {"DoesNotCountInScriptAndStyle",
         "<script>\n@u\n</script>\n\n<style>\n@v {}\n</style>\n",
         {}},
        {"CountsAfterScript", "<script>'<b>'</script><p>@u</p>", {"u"}},
        {"DoesNotMindTheCaseOfTags", "<PRE>@u</pre> <Code>@v</CODE>", {}},
        {"DoesNotCountInBlocksOfLinksOverParagraphs",
         "<a href='x'>\n\n@u\n\n</a>\n\n@v",
         {"v"}},
        {"DoesNotCountInComments", "<!-- @u --> a <!-- @v -->", {}},
        {"DoesNotCountInCommentsOverParagraphs", "<!--\n@u\n\n@v\n-->\n", {}},
        {"CountsAfterAComment", "<!-- a -->\n\n@u <!-- b --> @v", {"u", "v"}},
        {"EndsAtAComment", "<div>@u<!-- a -->v", {"u"}},
        {"DoesNotCountInAttributes", "<img alt='@u' title=\"> @v\">", {}},
        {"DoesNotCountInDeclarations", "a <?@u?> <!X @v> b", {}},
        {"EndsAnUnclosedInlineElementWithItsParagraph",
         "a <code>@u\n\n@v",
         {"v"}},
        {"EndsAnUnclosedBlockWithItsContainer", "> <div><code>\n\n@u", {"u"}},
        {"IsNotMisledByAStrayEndTag", "a </code> @u </pre>", {"u"}},
        {"ClosesWhatIsInsideAClosedElement", "<pre><code></pre>@u", {"u"}},
    }),
    NameOf);

TEST(HasMentionTest, FindsExactlyThatUser) {
  const Login login = *Login::Parse("@Luke-Jr");
  EXPECT_TRUE(HasMention("ping @luke-jr.", login));
  EXPECT_TRUE(HasMention("ping @LUKE\\-JR", login));
  EXPECT_FALSE(HasMention("ping @luke-jrx and @luke", login));
  EXPECT_FALSE(HasMention("ping `@luke-jr`", login));
  EXPECT_FALSE(HasMention("luke-jr", login));
  EXPECT_FALSE(HasMention("", login));
}

TEST(HasMentionTest, FindsExactlyThatTeam) {
  const MentionTarget team = *MentionTarget::Parse("Octo-Org/the_team");
  for (const char* body :
       {"@octo-org/the_team", "cc @Octo-Org/The_Team.", "@octo-org\\/the_team",
        "@octo-org&sol;the\\_team", "**@octo-org/the_team**"}) {
    EXPECT_TRUE(HasMention(body, team)) << body;
    EXPECT_EQ(MentionIndex({body}).Candidates(team).size(), 1) << body;
  }
  for (const char* body : {"@octo-org", "@the_team", "@octo-org/the_team2",
                           "@octo-org/the", "`@octo-org/the_team`",
                           "[@octo-org/the_team](x)", "x@octo-org/the_team",
                           "@octo-org/the_team/x", "@octo-org/the_team.md"}) {
    EXPECT_FALSE(HasMention(body, team)) << body;
  }
}

TEST(HasMentionTest, FindsAnyone) {
  const MentionTarget anyone = *MentionTarget::Parse("*");
  for (const char* body : {"@a", "cc @a/b", "&commat;a", "&#64;a"}) {
    EXPECT_TRUE(HasMention(body, anyone)) << body;
    EXPECT_EQ(MentionIndex({body}).Candidates(anyone).size(), 1) << body;
  }
  for (const char* body : {"", "nobody", "`@a`", "a@b.org", "@", "@-"}) {
    EXPECT_FALSE(HasMention(body, anyone)) << body;
  }
}

TEST(ExtractNamesTest, HasLoginsAndTeams) {
  EXPECT_EQ(ExtractNames("@b @A/Team-1, @a and @b/x/y @A/team-1"),
            (Logins{"b", "a/team-1", "a"}));
  EXPECT_EQ(ExtractMentions("@b @A/Team-1, @a"), (Logins{"b", "a"}));
}

TEST(HasMentionTest, GivesTheSameResultsOnManyThreads) {
  // Given a body whose meaning depends on the parser's extensions, as a parser
  // whose globals are shared might forget them.
  const std::string markdown = "~~@a~~ www.x.org/@b https://x.org/@c |@d|";
  const Logins expected = ExtractMentions(markdown);
  EXPECT_EQ(expected, (Logins{"a", "d"}));
  // When several threads read it many times, then all read the same.
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  threads.reserve(wrong.size());
  for (int& mine : wrong) {
    threads.emplace_back([&markdown, &expected, &mine] {
      for (int i = 0; i < 2000; ++i) {
        mine += ExtractMentions(markdown) == expected ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace mentiond
