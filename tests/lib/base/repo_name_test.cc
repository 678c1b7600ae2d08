#include "lib/base/repo_name.h"

#include "absl/hash/hash.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

constexpr char kGitHub[] = "github.com";

TEST(RepoNameTest, TakesANameOrABrowsersAddress) {
  for (const std::string& text :
       {std::string("bitcoin-core/gui"), std::string("Bitcoin-Core/GUI"),
        std::string("octo_acme/x"), std::string("a/.github"),
        std::string("a/..."), std::string("a/b_c-d.e"),
        "a/" + std::string(100, 'n')}) {
    EXPECT_EQ(RepoName::Parse(text, kGitHub)->ToString(), text);
  }
  for (const char* url :
       {"https://github.com/a/B", "https://github.com/a/B/",
        "https://github.com/a/B.git", "https://github.com/a/B.git/",
        "HTTPS://GitHub.COM/a/B", "https://github.com:443/a/B",
        "http://github.com/a/B"}) {
    EXPECT_EQ(RepoName::Parse(url, kGitHub)->ToString(), "a/B") << url;
  }
  for (const auto& [url, web_host] :
       {std::pair("http://127.0.0.1:8080/a/b", "127.0.0.1:8080"),
        std::pair("https://git.example.org/a/b", "git.example.org"),
        std::pair("https://git.example.org/a/b", "Git.Example.ORG")}) {
    EXPECT_EQ(RepoName::Parse(url, web_host)->ToString(), "a/b") << url;
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
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"it is empty", {""}},
      {"not of the form owner/name",
       {"a", "a\\b", "https://github.com", "https://github.com/a"}},
      {"no repository name after the owner",
       {"a/", "https://github.com/a/.git"}},
      {"its owner is no GitHub login: it is empty", {"/", "/b"}},
      {"its owner is no GitHub login: it starts with a hyphen", {"-a/x"}},
      {"its owner is no GitHub login: it starts with '@'", {"@a/x"}},
      {"its owner is no GitHub login",
       {"../x", "a\x01/b", " a/b", "git@github.com:a/b.git"}},
      {"more parts than owner/name",
       {"a/b/c", "a/b/", "a//b", "https://github.com/a/b/pull/3",
        "ftp://github.com/a/b"}},
      {"a relative path", {"a/.", "a/.."}},
      {"it is longer than 39 characters", {std::string(40, 'a') + "/x"}},
      {"longer than 100 characters", {"a/" + std::string(101, 'n')}},
      {"it is longer than 512 characters",
       {std::string(10240, 'a'), "a/" + std::string(10240, 'b')}},
      {"its repository name has a character",
       {"a/b\n", "a/b\r\nX-Evil: 1", std::string("a/b\0c", 5), "a/b c", "a/b?x",
        "a/b#1", "a/%2e%2e", "a/\xc3\xb6",
        "https://github.com/a/b?tab=readme"}},
      {"another host than github.com",
       {"https://gitlab.com/a/b", "https://github.com.evil.example/a/b",
        "https://evil@github.com/a/b", "https://github.com@evil.example/a/b",
        "https://api.github.com/a/b", "https://github.com:8443/a/b",
        "https:///a/b", "https://"}}};
  for (const auto& [reason, texts] : cases) {
    for (const std::string& text : texts) {
      const absl::Status status = RepoName::Parse(text, kGitHub).status();
      const std::string message(status.message());
      EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
      EXPECT_THAT(message, HasSubstr(reason)) << text;
      EXPECT_LT(message.size(), 200u);
      EXPECT_EQ(message.find('\n'), std::string::npos);
    }
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
