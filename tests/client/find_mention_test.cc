#include "client/find_mention.h"

#include <gtest/gtest.h>

#include <string>

namespace mentiond {
namespace {

// The offset of the "^" in `marker`, which stands below the wanted place.
void ExpectAt(const std::string& body, const std::string& marker) {
  const auto at = FindMention(body, "octocat");
  ASSERT_TRUE(at.has_value()) << body;
  EXPECT_EQ(*at, marker.find('^')) << body;
}

TEST(FindMentionTest, FindsItInAnyCaseBesidePunctuation) {
  ExpectAt("@octocat", "^");
  ExpectAt("(@OctoCat)", " ^");
  ExpectAt("ask @octocat, please", "    ^");
  ExpectAt("ask @octocat.", "    ^");
  ExpectAt("ask @octocat- or so", "    ^");
  ExpectAt("**@octocat**/x", "  ^");
}

TEST(FindMentionTest, PassesOverLongerNamesTeamsAndAddresses) {
  ExpectAt("@octocats @octocat", "          ^");
  ExpectAt("@octocat-2 @octocat", "           ^");
  ExpectAt("@octocat_corp @octocat", "              ^");
  ExpectAt("@octocat/team @octocat", "              ^");
  ExpectAt("me@octocat.com @octocat", "               ^");
  ExpectAt("octocat @octocat", "        ^");
}

TEST(FindMentionTest, PrefersOneOutsideOfCode) {
  ExpectAt("`@octocat` @octocat", "           ^");
  ExpectAt("``a ` @octocat`` @octocat", "                 ^");
  // A backtick that nothing closes is text.
  ExpectAt("it`s @octocat", "     ^");
  EXPECT_EQ(FindMention("```\n@octocat\n```\n@octocat", "octocat"), 17u);
  EXPECT_EQ(FindMention("~~~\n```\n@octocat\n~~~\n@octocat", "octocat"), 21u);
}

TEST(FindMentionTest, OneInCodeIsBetterThanNone) {
  ExpectAt("see `@octocat`", "     ^");
  EXPECT_EQ(FindMention("```\n@octocat\n", "octocat"), 4u);
}

TEST(FindMentionTest, SaysWhenThereIsNone) {
  EXPECT_EQ(FindMention("", "octocat"), std::nullopt);
  EXPECT_EQ(FindMention("@", "octocat"), std::nullopt);
  EXPECT_EQ(FindMention("@octoca", "octocat"), std::nullopt);
  EXPECT_EQ(FindMention("hello @octocats", "octocat"), std::nullopt);
  EXPECT_EQ(FindMention("@ @@", ""), std::nullopt);
}

TEST(FindMentionTest, AHostileBodyIsReadInNoTime) {
  // Mentions in code without end, and backticks that nothing closes. Quadratic
  // work on this would take minutes, far beyond the test's time limit.
  std::string code;
  std::string open;
  for (int i = 0; code.size() < 250'000; ++i) code += "`@octocat` ";
  for (int run = 1; open.size() < 250'000; ++run) {
    open += std::string(run, '`') + "@octocat ";
  }
  EXPECT_EQ(FindMention(code, "octocat"), 1u);
  EXPECT_EQ(FindMention(open, "octocat"), 1u);
}

}  // namespace
}  // namespace mentiond
