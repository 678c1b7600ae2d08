#include "lib/base/repo_name.h"

#include "absl/hash/hash.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

constexpr char kGitHub[] = "github.com";

TEST(RepoNameTest, TakesANameOrABrowsersAddress) {
  const struct {
    std::string text;
    std::string expected;
    const char* web_host = kGitHub;
  } cases[] = {{"bitcoin-core/gui", "bitcoin-core/gui"},
               {"Bitcoin-Core/GUI", "Bitcoin-Core/GUI"},
               {"octo_acme/x", "octo_acme/x"},
               {"a/.github", "a/.github"},
               {"a/...", "a/..."},
               {"a/b_c-d.e", "a/b_c-d.e"},
               {"a/" + std::string(100, 'n'), "a/" + std::string(100, 'n')},
               {"https://github.com/a/b", "a/b"},
               {"https://github.com/a/b/", "a/b"},
               {"https://github.com/a/b.git", "a/b"},
               {"https://github.com/a/b.git/", "a/b"},
               {"HTTPS://GitHub.COM/a/B", "a/B"},
               {"https://github.com:443/a/b", "a/b"},
               {"http://github.com/a/b", "a/b"},
               {"http://127.0.0.1:8080/a/b", "a/b", "127.0.0.1:8080"},
               {"https://git.example.org/a/b", "a/b", "git.example.org"},
               {"https://git.example.org/a/b", "a/b", "Git.Example.ORG"}};
  for (const auto& one : cases) {
    const absl::StatusOr<RepoName> repo =
        RepoName::Parse(one.text, one.web_host);
    ASSERT_TRUE(repo.ok()) << one.text << ": " << repo.status();
    EXPECT_EQ(repo->ToString(), one.expected);
  }
}

TEST(RepoNameTest, ComparesWithoutRegardToCase) {
  const RepoName a = *RepoName::Parse("Bitcoin-Core/GUI", kGitHub);
  const RepoName b = *RepoName::Parse("bitcoin-core/gui", kGitHub);
  EXPECT_EQ(a.owner(), "Bitcoin-Core");
  EXPECT_EQ(a.name(), "GUI");
  EXPECT_EQ(a.key(), "bitcoin-core/gui");
  EXPECT_TRUE(a == b);
  EXPECT_TRUE(a != *RepoName::Parse("bitcoin-core/guix", kGitHub));
  EXPECT_EQ(absl::HashOf(a), absl::HashOf(b));
}

TEST(RepoNameTest, RefusesTheRestAndSaysWhy) {
  const char kForm[] = "not of the form owner/name";
  const char kHost[] = "another host than github.com";
  const char kMore[] = "more parts than owner/name";
  const char kName[] = "its repository name has a character";
  const char kNoName[] = "no repository name after the owner";
  const char kOwner[] = "its owner is no GitHub login";
  const std::pair<std::string, const char*> cases[] = {
      {"", "it is empty"},
      {"a", kForm},
      {"a/", kNoName},
      {"/", "its owner is no GitHub login: it is empty"},
      {"/b", "its owner is no GitHub login: it is empty"},
      {"a/b/c", kMore},
      {"a/b/", kMore},
      {"a//b", kMore},
      {"a/.", "a relative path"},
      {"a/..", "a relative path"},
      {"../x", kOwner},
      {"-a/x", "its owner is no GitHub login: it starts with a hyphen"},
      {"@a/x", "its owner is no GitHub login: it starts with '@'"},
      {std::string(40, 'a') + "/x", "it is longer than 39 characters"},
      {"a/" + std::string(101, 'n'), "longer than 100 characters"},
      {std::string(10240, 'a'), "it is longer than 512 characters"},
      {"a/" + std::string(10240, 'b'), "it is longer than 512 characters"},
      {"a/b\n", kName},
      {"a/b\r\nX-Evil: 1", kName},
      {std::string("a/b\0c", 5), kName},
      {"a\x01/b", kOwner},
      {" a/b", kOwner},
      {"a/b c", kName},
      {"a/b?x", kName},
      {"a/b#1", kName},
      {"a/%2e%2e", kName},
      {"a\\b", kForm},
      {"a/\xc3\xb6", kName},
      {"https://gitlab.com/a/b", kHost},
      {"https://github.com.evil.example/a/b", kHost},
      {"https://evil@github.com/a/b", kHost},
      {"https://github.com@evil.example/a/b", kHost},
      {"https://api.github.com/a/b", kHost},
      {"https://github.com:8443/a/b", kHost},
      {"https:///a/b", kHost},
      {"https://", kHost},
      {"https://github.com", kForm},
      {"https://github.com/a", kForm},
      {"https://github.com/a/.git", kNoName},
      {"https://github.com/a/b/pull/3", kMore},
      {"https://github.com/a/b?tab=readme", kName},
      {"ftp://github.com/a/b", kMore},
      {"git@github.com:a/b.git", kOwner}};
  for (const auto& [text, reason] : cases) {
    const absl::Status status = RepoName::Parse(text, kGitHub).status();
    const std::string message(status.message());
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
    EXPECT_THAT(message, HasSubstr(reason)) << text;
    EXPECT_LT(message.size(), 200u);
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

TEST(WebHostOfTest, NamesTheHostThatPeopleSee) {
  const std::pair<const char*, const char*> cases[] = {
      {"https://api.github.com", "github.com"},
      {"https://api.github.com/", "github.com"},
      {"https://API.GitHub.com", "github.com"},
      {"https://api.github.com:443", "github.com"},
      {"https://git.example.org/api/v3", "git.example.org"},
      {"https://git.example.org/api/v3/", "git.example.org"},
      {"https://git.example.org:8443/api/v3", "git.example.org:8443"},
      {"https://api.octocorp.ghe.com", "octocorp.ghe.com"},
      {"https://api.example.org", "api.example.org"},
      {"http://127.0.0.1:8080", "127.0.0.1:8080"},
      {"http://127.0.0.1:80/", "127.0.0.1"},
      {"http://[::1]:8080", "[::1]:8080"},
      {"github.com", ""},
      {"", ""}};
  for (const auto& [url, host] : cases) EXPECT_EQ(WebHostOf(url), host) << url;
}

}  // namespace
}  // namespace mentiond
