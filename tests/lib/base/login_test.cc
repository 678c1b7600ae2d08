#include "lib/base/login.h"

#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

TEST(LoginTest, TakesWhatGitHubAllows) {
  for (const std::string& text :
       {std::string("a"), std::string("7"), std::string("hebasto"),
        std::string("luke-jr"), std::string("a-b-c"), std::string("0xB10C"),
        std::string("octo_acme"), std::string("octo-cat_acme1"),
        std::string(39, 'a')}) {
    const absl::StatusOr<Login> login = Login::Parse(text);
    ASSERT_TRUE(login.ok()) << text << ": " << login.status();
    EXPECT_EQ(login->text(), text);
    EXPECT_TRUE(Login::IsValid(text)) << text;
  }
}

TEST(LoginTest, TakesOneLeadingAtSignOff) {
  EXPECT_EQ(Login::Parse("@hebasto")->text(), "hebasto");
  EXPECT_EQ(Login::Parse("@" + std::string(39, 'a'))->text(),
            std::string(39, 'a'));
  EXPECT_FALSE(Login::Parse("@@hebasto").ok());
  EXPECT_FALSE(Login::Parse("@").ok());
  EXPECT_FALSE(Login::IsValid("@hebasto"));
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

struct Refused {
  std::string text;
  std::string_view reason;
};

TEST(LoginTest, RefusesTheRestAndSaysWhy) {
  const Refused cases[] = {
      {"", "it is empty"},
      {"-a", "it starts with a hyphen"},
      {"a-", "it ends with a hyphen"},
      {"a--b", "it has two hyphens in a row"},
      {std::string(40, 'a'), "it is longer than 39 characters"},
      {std::string(10240, 'a'), "it is longer than 39 characters"},
      {"a/b", "other than letters, digits and hyphens"},
      {"a b", "other than letters, digits and hyphens"},
      {"a.b", "other than letters, digits and hyphens"},
      {" a", "other than letters, digits and hyphens"},
      {"a\n", "other than letters, digits and hyphens"},
      {std::string("a\0b", 3), "other than letters, digits and hyphens"},
      {"j\xc3\xb6rg", "other than letters, digits and hyphens"},
      {"\xff", "other than letters, digits and hyphens"},
      {"dependabot[bot]", "other than letters, digits and hyphens"},
      {"_a", "it starts with an underscore"},
      {"a_", "it ends with an underscore"},
      {"a_b_c", "more than one underscore"},
      {"a-_b", "a hyphen before the underscore"},
      {"a_b-c", "a hyphen after the underscore"},
  };
  for (const Refused& c : cases) {
    const absl::Status status = Login::Parse(c.text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_TRUE(absl::StrContains(
        status.message(), absl::string_view(c.reason.data(), c.reason.size())))
        << c.text << ": " << status;
    EXPECT_FALSE(Login::IsValid(c.text)) << c.text;
  }
}

TEST(LoginTest, NeverRepeatsWhatItRefuses) {
  const std::string secret = "ghp_" + std::string(36, 'x');
  EXPECT_FALSE(
      absl::StrContains(Login::Parse(secret).status().message(), "ghp"));
}

}  // namespace
}  // namespace mentiond
