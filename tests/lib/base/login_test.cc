#include "lib/base/login.h"

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

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
  const char kLong[] = "it is longer than 39 characters";
  const char kOther[] = "other than letters, digits and hyphens";
  const std::pair<std::string, const char*> cases[] = {
      {"", "it is empty"},
      {"@", "it is empty"},
      {"@@hebasto", ""},
      {"-a", "it starts with a hyphen"},
      {"a-", "it ends with a hyphen"},
      {"a--b", "it has two hyphens in a row"},
      {std::string(40, 'a'), kLong},
      {std::string(10240, 'a'), kLong},
      {"ghp_" + std::string(36, 'x'), kLong},
      {"a/b", kOther},
      {"a b", kOther},
      {"a.b", kOther},
      {" a", kOther},
      {"a\n", kOther},
      {std::string("a\0b", 3), kOther},
      {"j\xc3\xb6rg", kOther},
      {"\xff", kOther},
      {"dependabot[bot]", kOther},
      {"_a", "it starts with an underscore"},
      {"a_", "it ends with an underscore"},
      {"a_b_c", "more than one underscore"},
      {"a-_b", "a hyphen before the underscore"},
      {"a_b-c", "a hyphen after the underscore"}};
  for (const auto& [text, reason] : cases) {
    const absl::Status status = Login::Parse(text).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(reason)) << text;
    EXPECT_FALSE(Login::IsValid(text)) << text;
    EXPECT_THAT(std::string(status.message()),
                ::testing::Not(
                    ::testing::AnyOf(HasSubstr("ghp"), HasSubstr("hebasto"))));
  }
}

}  // namespace
}  // namespace mentiond
