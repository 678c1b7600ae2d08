#include "lib/base/login.h"

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(LoginTest, TakesWhatGitHubAllowsWithOneLeadingAtSignOff) {
  for (const std::string& text :
       {std::string("a"), std::string("7"), std::string("hebasto"),
        std::string("luke-jr"), std::string("a-b-c"), std::string("0xB10C"),
        std::string("octo_acme"), std::string("octo-cat_acme1"),
        std::string(39, 'a')}) {
    for (const std::string& given : {text, "@" + text}) {
      const absl::StatusOr<Login> login = Login::Parse(given);
      ASSERT_TRUE(login.ok()) << given << ": " << login.status();
      EXPECT_EQ(login->text(), text);
      EXPECT_EQ(Login::IsValid(given), given == text) << given;
    }
  }
}

TEST(LoginTest, KeepsTheCaseAsGivenAndComparesWithoutIt) {
  const Login mixed = *Login::Parse("MarcoFalke");
  const Login lower = *Login::Parse("@marcofalke");
  EXPECT_EQ(mixed.text(), "MarcoFalke");
  EXPECT_EQ(mixed.lower(), "marcofalke");
  EXPECT_TRUE(mixed == lower);
  EXPECT_TRUE(mixed != *Login::Parse("maflcko"));
  EXPECT_EQ(absl::HashOf(mixed), absl::HashOf(lower));
  const absl::flat_hash_set<Login> set = {mixed, lower};
  EXPECT_EQ(set.size(), 1u);
}

TEST(LoginTest, RefusesTheRestAndSaysWhyWithoutRepeatingIt) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"it is empty", {"", "@"}},
      {"it starts with a hyphen", {"-a"}},
      {"it ends with a hyphen", {"a-"}},
      {"it has two hyphens in a row", {"a--b"}},
      {"it is longer than 39 characters",
       {std::string(40, 'a'), std::string(10240, 'a'),
        "ghp_" + std::string(36, 'x')}},
      {"other than letters, digits and hyphens",
       {"@@ghp_x", "a/b", "a b", "a.b", " a", "a\n", std::string("a\0b", 3),
        "j\xc3\xb6rg", "\xff", "dependabot[bot]"}},
      {"it starts with an underscore", {"_a"}},
      {"it ends with an underscore", {"a_"}},
      {"more than one underscore", {"a_b_c"}},
      {"a hyphen before the underscore", {"a-_b"}},
      {"a hyphen after the underscore", {"a_b-c"}}};
  for (const auto& [reason, texts] : cases) {
    for (const std::string& text : texts) {
      const absl::Status status = Login::Parse(text).status();
      EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
      EXPECT_THAT(std::string(status.message()),
                  AllOf(HasSubstr(reason), Not(HasSubstr("ghp"))))
          << text;
      EXPECT_FALSE(Login::IsValid(text)) << text;
    }
  }
}

}  // namespace
}  // namespace mentiond
