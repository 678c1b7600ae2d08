#include "lib/base/repo_name.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

constexpr std::string_view kGitHub = "github.com";

struct Taken {
  std::string text;
  std::string_view web_host;
  std::string_view expected;
};

TEST(RepoNameTest, TakesANameOrABrowsersAddress) {
  const Taken cases[] = {
      {"bitcoin-core/gui", kGitHub, "bitcoin-core/gui"},
      {"Bitcoin-Core/GUI", kGitHub, "Bitcoin-Core/GUI"},
      {"octo_acme/x", kGitHub, "octo_acme/x"},
      {"a/.github", kGitHub, "a/.github"},
      {"a/...", kGitHub, "a/..."},
      {"a/b_c-d.e", kGitHub, "a/b_c-d.e"},
      {"a/" + std::string(100, 'n'), kGitHub, ""},
      {"https://github.com/a/b", kGitHub, "a/b"},
      {"https://github.com/a/b/", kGitHub, "a/b"},
      {"https://github.com/a/b.git", kGitHub, "a/b"},
      {"https://github.com/a/b.git/", kGitHub, "a/b"},
      {"HTTPS://GitHub.COM/a/B", kGitHub, "a/B"},
      {"https://github.com:443/a/b", kGitHub, "a/b"},
      {"http://github.com/a/b", kGitHub, "a/b"},
      {"http://127.0.0.1:8080/a/b", "127.0.0.1:8080", "a/b"},
      {"https://git.example.org/a/b", "git.example.org", "a/b"},
      {"https://git.example.org/a/b", "Git.Example.ORG", "a/b"},
  };
  for (const Taken& c : cases) {
    const absl::StatusOr<RepoName> repo = RepoName::Parse(c.text, c.web_host);
    ASSERT_TRUE(repo.ok()) << c.text << ": " << repo.status();
    EXPECT_EQ(repo->ToString(), c.expected.empty() ? c.text : c.expected);
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

struct RefusedName {
  std::string text;
  std::string_view reason;
};

TEST(RepoNameTest, RefusesTheRestAndSaysWhy) {
  const RefusedName cases[] = {
      {"", "it is empty"},
      {"a", "not of the form owner/name"},
      {"a/", "no repository name after the owner"},
      {"/", "its owner is no GitHub login: it is empty"},
      {"/b", "its owner is no GitHub login: it is empty"},
      {"a/b/c", "more parts than owner/name"},
      {"a/b/", "more parts than owner/name"},
      {"a//b", "more parts than owner/name"},
      {"a/.", "a relative path"},
      {"a/..", "a relative path"},
      {"../x", "its owner is no GitHub login"},
      {"-a/x", "its owner is no GitHub login: it starts with a hyphen"},
      {"@a/x", "its owner is no GitHub login: it starts with '@'"},
      {std::string(40, 'a') + "/x", "it is longer than 39 characters"},
      {"a/" + std::string(101, 'n'), "longer than 100 characters"},
      {std::string(10240, 'a'), "it is longer than 512 characters"},
      {"a/" + std::string(10240, 'b'), "it is longer than 512 characters"},
      {"a/b\n", "its repository name has a character"},
      {"a/b\r\nX-Evil: 1", "its repository name has a character"},
      {std::string("a/b\0c", 5), "its repository name has a character"},
      {"a\x01/b", "its owner is no GitHub login"},
      {" a/b", "its owner is no GitHub login"},
      {"a/b c", "its repository name has a character"},
      {"a/b?x", "its repository name has a character"},
      {"a/b#1", "its repository name has a character"},
      {"a/%2e%2e", "its repository name has a character"},
      {"a\\b", "not of the form owner/name"},
      {"a/\xc3\xb6", "its repository name has a character"},
      {"https://gitlab.com/a/b", "another host than github.com"},
      {"https://github.com.evil.example/a/b", "another host than github.com"},
      {"https://evil@github.com/a/b", "another host than github.com"},
      {"https://github.com@evil.example/a/b", "another host than github.com"},
      {"https://api.github.com/a/b", "another host than github.com"},
      {"https://github.com:8443/a/b", "another host than github.com"},
      {"https:///a/b", "another host than github.com"},
      {"https://", "another host than github.com"},
      {"https://github.com", "not of the form owner/name"},
      {"https://github.com/a", "not of the form owner/name"},
      {"https://github.com/a/.git", "no repository name after the owner"},
      {"https://github.com/a/b/pull/3", "more parts than owner/name"},
      {"https://github.com/a/b?tab=readme", "name has a character"},
      {"ftp://github.com/a/b", "more parts than owner/name"},
      {"git@github.com:a/b.git", "its owner is no GitHub login"},
  };
  for (const RefusedName& c : cases) {
    const absl::Status status = RepoName::Parse(c.text, kGitHub).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_TRUE(absl::StrContains(
        status.message(), absl::string_view(c.reason.data(), c.reason.size())))
        << c.text << ": " << status;
    EXPECT_LT(status.message().size(), 200u);
    EXPECT_FALSE(absl::StrContains(status.message(), "\n"));
  }
}

TEST(WebHostOfTest, NamesTheHostThatPeopleSee) {
  const std::pair<std::string_view, std::string_view> cases[] = {
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
      {"", ""},
  };
  for (const auto& [url, host] : cases) EXPECT_EQ(WebHostOf(url), host) << url;
}

}  // namespace
}  // namespace mentiond
