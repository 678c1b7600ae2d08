#include "lib/markdown/mention_places.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "lib/markdown/extractor.h"

namespace mentiond {
namespace {

// The body with `>` before each place.
std::string Mark(const std::string& body) {
  std::string marked = body;
  const auto places = LocateMentions(body, ExtractNames(body));
  for (auto place = places.rbegin(); place != places.rend(); ++place) {
    EXPECT_EQ(body[place->offset], '@') << body;
    marked.insert(place->offset, ">");
  }
  return marked;
}

TEST(MentionPlacesTest, AreThoseThatCount) {
  const struct {
    const char* body;
    const char* marked;
  } cases[] = {
      {"", ""},
      {"nobody", "nobody"},
      {"@a", ">@a"},
      {"Hi @Octo-Cat, and `@octo-cat`: @octo-cat.",
       "Hi >@Octo-Cat, and `@octo-cat`: >@octo-cat."},
      {"mail@a.org x@a @a/team @a.org @a_ @a. @a--b @a/b/c",
       "mail@a.org x@a >@a/team @a.org @a_ >@a. @a--b @a/b/c"},
      // Markdown that begins right behind the login,
      {"_@a_ **@a** ~~@a~~ *@a-b*", "_>@a_ **>@a** ~~>@a~~ *>@a-b*"},
      {"@user_name and @user", ">@user_name and >@user"},
      // or that a mention stands in,
      {"> quoted @a\n\n    indented @a\n\n- item @a\n  - @a\n",
       "> quoted >@a\n\n    indented @a\n\n- item >@a\n  - >@a\n"},
      {"| @a | `@a` |\n| --- | --- |\n| @b | @a |",
       "| >@a | `@a` |\n| --- | --- |\n| >@b | >@a |"},
      {"```\n@a\n```\n@a", "```\n@a\n```\n>@a"},
      {"[@a](https://x/@a) <b>@a</b> <code>@a</code> https://x/@a",
       "[@a](https://x/@a) <b>>@a</b> <code>@a</code> https://x/@a"},
      {"<!-- @a --> @a", "<!-- @a --> >@a"},
      // and other bytes before it.
      {"日本@a \xff@a", "日本>@a \xff>@a"},
      // What is not written as a mention has no place.
      {"&#64;a @b", "&#64;a >@b"},
  };
  for (const auto& [body, marked] : cases) EXPECT_EQ(Mark(body), marked);
}

TEST(MentionPlacesTest, AreNotInTheLabelsOfLinks) {
  EXPECT_EQ(Mark("[@a]: https://x.org\n\n[@a] and @a, [@b](x) or @b"),
            "[@a]: https://x.org\n\n[@a] and >@a, [@b](x) or >@b");
  EXPECT_EQ(Mark("[^@a]: @a said so\n\nSee[^@a]"),
            "[^@a]: >@a said so\n\nSee[^@a]");
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

TEST(MentionPlacesTest, HaveTheNameInLowerCase) {
  const std::string body = "@Some-One_x and @B/The-Team_1";
  const std::vector<std::string> names = ExtractNames(body);
  const auto places = LocateMentions(body, names);
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(names[places[0].name], "some-one_x");
  EXPECT_EQ(names[places[1].name], "b/the-team_1");
}

TEST(MentionPlacesTest, DoNotDependOnTheLogins) {
  // Given logins that begin with every letter and digit, and many of each
  std::string body;
  for (int i = 0; i < 500; ++i) {
    const char first = "0123456789abcdefghijklmnopqrstuvwxyz"[i % 36];
    body += std::string("@") + first + std::to_string(i) + " `@x` ";
  }
  const std::vector<std::string> names = ExtractNames(body);
  const auto places = LocateMentions(body, names);
  ASSERT_EQ(places.size(), 500u);
  for (const MentionPlace& place : places) {
    const std::string& name = names[place.name];
    EXPECT_EQ(body.substr(place.offset + 1, name.size()), name);
  }
}

TEST(MentionPlacesTest, AreLimitedInNumber) {
  std::string body;
  for (int i = 0; i < 12'000; ++i) body += "@a ";
  EXPECT_EQ(LocateMentions(body, ExtractNames(body)).size(), 10'000u);
}

}  // namespace
}  // namespace mentiond
