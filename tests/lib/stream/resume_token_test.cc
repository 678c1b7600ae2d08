#include "lib/stream/resume_token.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

const SourceSet kSources{Source::SOURCE_REVIEW, Source::SOURCE_PULL_REQUEST};

uint64_t HashOf(const std::string& repo, const std::string& user,
                const SourceSet& sources = kSources) {
  return SubscriptionHash(*RepoName::Parse(repo, "github.com"),
                          *Login::Parse(user), sources);
}

std::string TokenFor(uint64_t subscription) {
  state::ResumeState state;
  state.set_subscription(subscription);
  state.set_synced(true);
  state.set_issues_furthest(1'700'000'000);
  return EncodeResumeToken(state);
}

std::string Refusal(const std::string& token, uint64_t subscription) {
  const auto state = DecodeResumeToken(token, subscription);
  EXPECT_EQ(state.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(state.status().message());
}

TEST(ResumeTokenTest, SaysWhatWasPutIn) {
  const uint64_t subscription = HashOf("o/r", "octocat");
  const auto state = DecodeResumeToken(TokenFor(subscription), subscription);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_TRUE(state->synced());
  EXPECT_EQ(state->issues_furthest(), 1'700'000'000);
}

TEST(ResumeTokenTest, IsPrintable) {
  for (const char c : TokenFor(HashOf("o/r", "octocat"))) {
    EXPECT_TRUE(c > ' ' && c <= '~');
  }
}

TEST(ResumeTokenTest, TheNamesOfASubscriptionAreTheSameInAnyCase) {
  EXPECT_EQ(HashOf("Octo/Demo", "OctoCat"), HashOf("octo/demo", "@octocat"));
  // In every process: tokens outlive them.
  EXPECT_EQ(HashOf("octo/demo", "octocat"), HashOf("octo/demo", "octocat"));
  EXPECT_NE(HashOf("octo/demo", "octocat"), HashOf("octo/demo", "mona"));
  EXPECT_NE(HashOf("octo/demo", "octocat"), HashOf("octo/other", "octocat"));
  EXPECT_NE(HashOf("octo/demo", "octocat"),
            HashOf("octo/demo", "octocat", {Source::SOURCE_REVIEW}));
}

TEST(ResumeTokenTest, OneOfAnotherSubscriptionIsRefused) {
  EXPECT_THAT(
      Refusal(TokenFor(HashOf("o/r", "octocat")), HashOf("o/r", "mona")),
      HasSubstr("another subscription"));
}

TEST(ResumeTokenTest, ADamagedOneIsRefusedWhereverTheDamageIs) {
  const uint64_t subscription = HashOf("o/r", "octocat");
  const std::string token = TokenFor(subscription);
  for (size_t i = 2; i < token.size(); ++i) {
    for (const char c : {'A', '_', '!', '\n', ' '}) {
      if (token[i] == c) continue;
      std::string damaged = token;
      damaged[i] = c;
      // The last character has bits that stand for nothing.
      if (i + 1 == token.size()) continue;
      EXPECT_THAT(Refusal(damaged, subscription), HasSubstr("damaged"))
          << damaged;
    }
    EXPECT_THAT(Refusal(token.substr(0, i), subscription),
                HasSubstr("damaged"));
  }
  for (const char* other : {"x", ".", "hello", "1", "-1.abc", "\xff"}) {
    EXPECT_THAT(Refusal(other, subscription), HasSubstr("damaged"));
  }
  EXPECT_THAT(Refusal(std::string(1 << 20, 'A'), subscription),
              HasSubstr("damaged"));
}

TEST(ResumeTokenTest, OneOfAnotherVersionIsRefusedAsThat) {
  const uint64_t subscription = HashOf("o/r", "octocat");
  EXPECT_THAT(Refusal("2" + TokenFor(subscription).substr(1), subscription),
              HasSubstr("version"));
  EXPECT_THAT(Refusal("17.abc", subscription), HasSubstr("version"));
}

}  // namespace
}  // namespace mentiond
