#include "client/find_mention.h"

#include <gtest/gtest.h>

#include <string>

namespace mentiond {
namespace {

// Expects the mention in `body` at the offset of the "^" in `marker`.
void ExpectAt(const std::string& body, const std::string& marker) {
  const auto at = FindMention(body, "octocat");
  ASSERT_TRUE(at.has_value()) << body;
  EXPECT_EQ(*at, marker.find('^')) << body;
}

TEST(FindMentionTest, IgnoresCaseAndAdjacentPunctuation) {
  ExpectAt("@octocat", "^");
  ExpectAt("(@OctoCat)", " ^");
  ExpectAt("ask @octocat, please", "    ^");
  ExpectAt("ask @octocat.", "    ^");
  ExpectAt("ask @octocat- or so", "    ^");
  ExpectAt("**@octocat**/x", "  ^");
}

TEST(FindMentionTest, SkipsLongerLoginsTeamsAndEmailAddresses) {
  ExpectAt("@octocats @octocat", "          ^");
  ExpectAt("@octocat-2 @octocat", "           ^");
  ExpectAt("@octocat_corp @octocat", "              ^");
  ExpectAt("@octocat/team @octocat", "              ^");
  ExpectAt("me@octocat.com @octocat", "               ^");
  ExpectAt("octocat @octocat", "        ^");
}

TEST(FindMentionTest, PrefersMentionsOutsideCode) {
  ExpectAt("`@octocat` @octocat", "           ^");
  ExpectAt("``a ` @octocat`` @octocat", "                 ^");
  // An unclosed backtick is literal.
  ExpectAt("it`s @octocat", "     ^");
  EXPECT_EQ(FindMention("```\n@octocat\n```\n@octocat", "octocat"), 17u);
  EXPECT_EQ(FindMention("~~~\n```\n@octocat\n~~~\n@octocat", "octocat"), 21u);
}

TEST(FindMentionTest, FallsBackToAMentionInCode) {
  ExpectAt("see `@octocat`", "     ^");
  EXPECT_EQ(FindMention("```\n@octocat\n", "octocat"), 4u);
}

TEST(FindMentionTest, ReturnsNulloptIfThereIsNoMention) {
  EXPECT_EQ(FindMention("", "octocat"), std::nullopt);
  EXPECT_EQ(FindMention("@", "octocat"), std::nullopt);
  EXPECT_EQ(FindMention("@octoca", "octocat"), std::nullopt);
  EXPECT_EQ(FindMention("hello @octocats", "octocat"), std::nullopt);
  EXPECT_EQ(FindMention("@ @@", ""), std::nullopt);
}

TEST(FindMentionTest, TakesLinearTimeOnHostileInput) {
  // A large number of mentions in code, and of unclosed backticks. Quadratic
  // time would exceed the test's time limit by far.
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
