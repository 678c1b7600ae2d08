#include "lib/markdown/extractor.h"

#include <algorithm>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"

#include "lib/markdown/mention_index.h"
#include "lib/markdown/mention_places.h"

namespace mentiond {
namespace {

using ::testing::ElementsAre;
using Logins = std::vector<std::string>;

// That all who ask for the mentions of a body get the same answer.
void ExpectMentions(const std::string& body, const Logins& mentions) {
  EXPECT_EQ(ExtractMentions(body), mentions) << body;
  // The question for one login agrees, for those found and for some not found.
  Logins asked = mentions;
  for (const char* login : {"u", "v", "u-v", "u_v", "team"}) {
    asked.emplace_back(login);
  }
  for (const std::string& login : asked) {
    EXPECT_EQ(HasMention(body, *Login::Parse(login)),
              std::count(mentions.begin(), mentions.end(), login) > 0)
        << login << " in: " << body;
  }
  // No body that mentions a user is missing from the index.
  const MentionIndex index({body});
  for (const std::string& login : mentions) {
    EXPECT_EQ(index.Candidates(*Login::Parse(login)).size(), 1)
        << login << " in: " << body;
  }
}

// The body with `$` before each place.
std::string Mark(const std::string& body) {
  std::string marked = body;
  const auto places = LocateMentions(body, ExtractNames(body));
  for (auto place = places.rbegin(); place != places.rend(); ++place) {
    EXPECT_EQ(body[place->offset], '@') << body;
    marked.insert(place->offset, "$");
  }
  return marked;
}

// Expects of bodies in which `$` stands before each mention that it is the
// mentions that are extracted and located.
void ExpectMarked(const std::vector<std::string>& bodies) {
  for (const std::string& marked : bodies) {
    Logins mentions;
    for (size_t at = marked.find("$@"); at != std::string::npos;
         at = marked.find("$@", at + 1)) {
      size_t end = at + 2;
      while (end < marked.size() &&
             (absl::ascii_isalnum(marked[end]) || marked[end] == '-' ||
              marked[end] == '_')) {
        ++end;
      }
      while (marked[end - 1] == '_') --end;  // ends an emphasis
      const std::string login =
          absl::AsciiStrToLower(marked.substr(at + 2, end - at - 2));
      if (std::count(mentions.begin(), mentions.end(), login) == 0) {
        mentions.push_back(login);
      }
    }
    const std::string body = absl::StrReplaceAll(marked, {{"$@", "@"}});
    ExpectMentions(body, mentions);
    EXPECT_EQ(Mark(body), marked);
  }
}

TEST(ExtractorTest, AMentionCountsInPlainText) {
  const std::string longest(39, 'a');
  ExpectMarked(
      {"", "nobody", "$@u", "thanks to $@u for this", "thanks $@u", "a\n$@u\nb",
       "a\r\n$@u\r\nb", "($@u) [$@v] {$@w}", "/cc:$@u,$@v;$@w", "@$@u",
       "$@U $@MarcoFalke", "$@v $@u $@V $@u", "$@u-v-w", "$@u_v and $@w-x_y",
       "$@" + longest, "`$@u", "你好$@u你好 é$@v", "日本$@a \xff$@a", "\\$@u"});
  // Not after a letter, digit or underscore, nor in an e-mail address or a
  // handle of the Fediverse, nor where it is no login.
  ExpectMarked({"foo@u", "1@u", "a_@u", "&#97;@u", "mail a@u.org or a+b@u",
                "<a@u.org>", "@u@v.social", "@ u @-u @_u @. @", "@a" + longest,
                "@team/", "@u- @u-- text", "@u--v", "@u_ x", "@a_ $@b. @a--b"});
}

TEST(ExtractorTest, WhatFollowsAMention) {
  ExpectMarked({"see $@u.", "ask $@u. Or not", "ask $@u.\nOr not", "(ask $@u.)",
                "$@u... $@v..", "$@u, hi", "$@u: hi", "$@u! $@v?",
                "$@u's and $@v’s", "($@u) [$@v]", "$@u@ and $@v@w",
                "$@u<br>$@v>", "$@u&nbsp;x $@v\xc2\xa0x", "@u.com @v.w",
                "@u_v_w", "$@uv", "x@a @a.org"});
}

TEST(ExtractorTest, MarkdownAroundAMention) {
  ExpectMarked(
      {"# $@u\n\n$@v\n---\n", "- $@u\n  - $@v\n\n1. $@w\n",
       "- [x] $@u\n- [ ] $@v\n", "|a|b|\n|-|-|\n|$@u|x $@v|\n", "|$@u|\n|-|\n",
       "| $@a | `@a` |\n| --- | --- |\n| $@b | $@a |",
       "> $@u\n> > $@v\nlazy $@w", "*$@u* **$@v** _$@w_ __$@x__ ~~$@y~~",
       "a[^1]\n\n[^1]: $@u\n", "a\n\n[^1]: @u\n", "[^@a]: $@a said\n\nSee[^@a]",
       "*a*$@u and $@v**w** and b`c`$@x", "$@u_v a_b_c@w $@x'y [$@z",
       "_$@a_ **$@a** ~~$@a~~ *$@a-b*", "$@user_name and $@user",
       "> quoted $@a\n\n    indented @a\n\n- item $@a\n  - $@a\n",
       // Not in code,
       "`@u` ``a ` @v``", "`a\n@u`", "```\n@u\n```\n~~~c++\n@v\n~~~\n$@a",
       "```@u\n```\n", "```\n@u\n\n@v", "a\n\n    @u\n", "> ```\n> @u\n> ```\n",
       "Hi $@Octo-Cat, and `@octo-cat`: $@octo-cat.",
       // links and images.
       "[@u](https://x.org) [a *@v*](y)", "[@u]\n\n[@u]: https://x.org\n",
       "[@a]: https://x.org\n\n[@a] and $@a, [@b](x) or $@b", "[a](/@u '@v')",
       "[$@u](not a link", "[a](b)$@u [a](b) $@v",
       "![@u](https://x.org/@v.png)", "<https://x.org/@u>",
       "https://x.org/@u www.x.org/@v"});
}

TEST(ExtractorTest, HtmlAroundAMention) {
  ExpectMarked(
      {"<div>\n$@u\n</div>\n",
       "<details><summary>$@u</summary>\n\n$@v\n</details>",
       "<p>$@u <b>$@v</b></p>", "a <b>$@u</b> <kbd>$@v</kbd>",
       "<code>@u</code> $@v", "<p>1 < 2 $@u</p>",
       // Not in links, code and scripts,
       "a <code>@u</code>", "a <a href='x'>@u</a>", "<code>a **@u** b</code>",
       "<pre>\n@u\n\n@v\n</pre>\n", "<pre><b>@u</b></pre>",
       "<script>\n@u\n</script>\n\n<style>\n@v {}\n</style>\n",
       "<script>'<b>'</script><p>$@u</p>", "<PRE>@u</pre> <Code>@v</CODE>",
       "<a href='x'>\n\n@u\n\n</a>\n\n$@v",
       "[@a](https://x/@a) <b>$@a</b> <code>@a</code> https://x/@a",
       // comments and attributes.
       "<!-- @u --> a <!-- @v -->", "<!--\n@u\n\n@v\n-->\n",
       "<!-- a -->\n\n$@u <!-- b --> $@v", "<div>$@u<!-- a -->v",
       "<img alt='@u' title=\"> @v\">", "a <?@u?> <!X @v> b",
       // Ends of elements that are missing or too many.
       "a <code>@u\n\n$@v", "> <div><code>\n\n$@u", "a </code> $@u </pre>",
       "<pre><code></pre>$@u"});
}

TEST(ExtractorTest, WhatIsNotWrittenAsAMentionCountsAndHasNoPlace) {
  ExpectMentions("@u\\-v @u\\_v", {"u-v", "u_v"});
  ExpectMentions("&#64;u &#x40;v &commat;w", {"u", "v", "w"});
  ExpectMentions("@&#117;", {"u"});
  ExpectMentions("<p>&#64;u</p>", {"u"});
  EXPECT_EQ(Mark("&#64;a @b"), "&#64;a $@b");
}

TEST(ExtractorTest, TeamsAreNamesAndNoLogins) {
  EXPECT_EQ(ExtractNames("@b @A/Team-1, @a and @b/x/y @A/team-1"),
            (Logins{"b", "a/team-1", "a"}));
  ExpectMentions("@b @A/Team-1, @a a/@team/u", {"b", "a"});
  EXPECT_EQ(Mark("a/@team/u @a/team @a/b/c"), "a/$@team/u $@a/team @a/b/c");
}

TEST(HasMentionTest, FindsExactlyThatUserTeamOrAnyone) {
  const struct {
    const char* target;
    std::vector<std::string> with;
    std::vector<std::string> without;
  } cases[] = {
      {"@Luke-Jr",
       {"ping @luke-jr.", "ping @LUKE\\-JR"},
       {"ping @luke-jrx and @luke", "ping `@luke-jr`", "luke-jr", ""}},
      {"Octo-Org/the_team",
       {"@octo-org/the_team", "cc @Octo-Org/The_Team.", "@octo-org\\/the_team",
        "@octo-org&sol;the\\_team", "**@octo-org/the_team**"},
       {"@octo-org", "@the_team", "@octo-org/the_team2", "@octo-org/the",
        "`@octo-org/the_team`", "[@octo-org/the_team](x)",
        "x@octo-org/the_team", "@octo-org/the_team/x",
        "@octo-org/the_team.md"}},
      {"*",
       {"@a", "cc @a/b", "&commat;a", "&#64;a"},
       {"", "nobody", "`@a`", "a@b.org", "@", "@-"}}};
  for (const auto& one : cases) {
    const MentionTarget target = *MentionTarget::Parse(one.target);
    for (const std::string& body : one.with) {
      EXPECT_TRUE(HasMention(body, target)) << body;
      EXPECT_EQ(MentionIndex({body}).Candidates(target).size(), 1) << body;
    }
    for (const std::string& body : one.without) {
      EXPECT_FALSE(HasMention(body, target)) << body;
    }
  }
}

TEST(MentionPlacesTest, NeedAWordThatOccursNowhereElse) {
  // Given names that begin with all words of three letters and digits, or all
  // but one,
  constexpr std::string_view kAll = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::vector<std::string> names;
  for (const char a : kAll) {
    for (const char b : kAll) {
      for (const char c : kAll) names.push_back({a, b, c});
    }
  }
  const auto all = LocateMentions("@abc @mno", names);
  names.erase(std::find(names.begin(), names.end(), "mno"));
  const auto but_one = LocateMentions("@abc @xyz", names);
  // then only the latter leave one to use.
  EXPECT_EQ(all.size(), 0u);
  EXPECT_EQ(but_one.size(), 2u);
}

TEST(MentionPlacesTest, HaveTheNameInLowerCaseWhateverItIs) {
  // Given logins that begin with every letter and digit, and many of each
  std::string body = "@Some-One_x and @B/The-Team_1";
  std::vector<std::string> expected = {"some-one_x", "b/the-team_1"};
  for (int i = 0; i < 500; ++i) {
    const char first = "0123456789abcdefghijklmnopqrstuvwxyz"[i % 36];
    expected.push_back(first + std::to_string(i));
    body += " `@x` @" + expected.back();
  }
  const std::vector<std::string> names = ExtractNames(body);
  std::vector<std::string> located;
  for (const MentionPlace& place : LocateMentions(body, names)) {
    located.push_back(names[place.name]);
  }
  EXPECT_EQ(located, expected);
}

TEST(MentionPlacesTest, AreLimitedInNumber) {
  std::string body;
  for (int i = 0; i < 12'000; ++i) body += "@a ";
  EXPECT_EQ(LocateMentions(body, ExtractNames(body)).size(), 10'000u);
}

std::vector<size_t> CandidatesFor(const char* login,
                                  const std::vector<std::string_view>& bodies) {
  return MentionIndex(bodies).Candidates(*Login::Parse(login));
}

TEST(MentionIndexTest, LeavesOutBodiesThatCannotMentionTheUser) {
  const std::vector<std::string_view> bodies = {
      "Hello @octocat", "octocat", "@OctoCat, @mona", "@octocats",
      "@octo-cat",      "",        "_by @octocat_",   "@octo"};
  EXPECT_THAT(CandidatesFor("octocat", bodies), ElementsAre(0, 2, 6));
  EXPECT_THAT(CandidatesFor("octo-cat", bodies), ElementsAre(4));
  EXPECT_THAT(CandidatesFor("mona", bodies), ElementsAre(2));
  EXPECT_THAT(CandidatesFor("hubot", bodies), ElementsAre());
  EXPECT_THAT(CandidatesFor("octocat", {}), ElementsAre());
}

TEST(MentionIndexTest, BodiesThatMayHideALoginOrAreFullOfThemAreForEveryone) {
  // Given bodies of many logins, and of one login many times
  std::string many;
  std::string hyphens = "@";
  for (int i = 0; i < 5000; ++i) {
    many += "@u" + std::to_string(i) + " ";
    hyphens += "a-";
  }
  // then the first of them is a candidate for anyone, the second is not.
  EXPECT_THAT(CandidatesFor("hubot", {"@mona", many, hyphens, "&#64;hubot",
                                      "@hubot", "@mona\\-lisa"}),
              ElementsAre(1, 3, 4, 5));
}

TEST(HasMentionTest, GivesTheSameResultsOnManyThreads) {
  // Given a body whose meaning depends on the parser's extensions, as a parser
  // whose globals are shared might forget them.
  const std::string markdown = "~~@a~~ www.x.org/@b https://x.org/@c |@d|";
  const Logins expected = {"a", "d"};
  // When several threads read it many times, then all read the same.
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
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
