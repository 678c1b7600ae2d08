#include "lib/markdown/mention_places.h"

#include <gtest/gtest.h>

#include <string>
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

TEST(MentionPlacesTest, HaveTheNameInLowerCase) {
  const std::string body = "@Some-One_x and @B/The-Team_1";
  const auto places = LocateMentions(body, ExtractNames(body));
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].name, "some-one_x");
  EXPECT_EQ(places[1].name, "b/the-team_1");
}

TEST(MentionPlacesTest, DoNotDependOnTheLogins) {
  // Given logins that begin with every letter and digit, and many of each
  std::string body;
  for (int i = 0; i < 500; ++i) {
    const char first = "0123456789abcdefghijklmnopqrstuvwxyz"[i % 36];
    body += std::string("@") + first + std::to_string(i) + " `@x` ";
  }
  const auto places = LocateMentions(body, ExtractNames(body));
  ASSERT_EQ(places.size(), 500u);
  for (const MentionPlace& place : places) {
    EXPECT_EQ(body.substr(place.offset + 1, place.name.size()), place.name);
  }
}

TEST(MentionPlacesTest, AreLimitedInNumber) {
  std::string body;
  for (int i = 0; i < 12'000; ++i) body += "@a ";
  EXPECT_EQ(LocateMentions(body, ExtractNames(body)).size(), 10'000u);
}

}  // namespace
}  // namespace mentiond
