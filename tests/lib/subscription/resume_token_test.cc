#include "lib/subscription/resume_token.h"

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

const SourceSet kTwoSources{Source::SOURCE_REVIEW, Source::SOURCE_PULL_REQUEST};

uint64_t HashOf(const std::string& repo, const std::string& user,
                const SourceSet& sources = kTwoSources) {
  return SubscriptionHash(*RepoName::Parse(repo, "github.com"),
                          *Login::Parse(user), sources);
}

std::string TokenFor(uint64_t subscription) {
  Progress progress(absl::FromUnixSeconds(1'600'000'000) + absl::Nanoseconds(7),
                    mentions::v1::HISTORY_SEARCH);
  progress.synced = true;
  progress.high_water_mark(Listing::kIssues) =
      absl::FromUnixSeconds(1'700'000'000);
  progress.pending = {{.number = 7}, {.number = 9, .is_issue = true}};
  return EncodeResumeToken(progress, subscription);
}

std::string Refusal(const std::string& token, uint64_t subscription) {
  const auto progress = DecodeResumeToken(token, subscription);
  EXPECT_EQ(progress.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(progress.status().message());
}

TEST(ResumeTokenTest, DecodesToWhatWasEncoded) {
  const uint64_t subscription = HashOf("o/r", "octocat");
  auto progress = DecodeResumeToken(TokenFor(subscription), subscription);
  ASSERT_TRUE(progress.ok()) << progress.status();
  EXPECT_TRUE(progress->synced);
  EXPECT_EQ(progress->since,
            absl::FromUnixSeconds(1'600'000'000) + absl::Nanoseconds(7));
  EXPECT_EQ(progress->history, mentions::v1::HISTORY_SEARCH);
  EXPECT_EQ(progress->high_water_mark(Listing::kIssues),
            absl::FromUnixSeconds(1'700'000'000));
  EXPECT_EQ(progress->high_water_mark(Listing::kIssueComments), std::nullopt);
  EXPECT_EQ(progress->pending,
            (absl::btree_set<PullKey>{{.number = 7},
                                      {.number = 9, .is_issue = true}}));
  EXPECT_FALSE(progress->full_read);
}

// Shows: resume tokens of earlier versions are understood
// As made once: tokens outlive the process that made them, and its version.
TEST(ResumeTokenTest, OneThatAnEarlierVersionMadeIsTheSame) {
  const uint64_t subscription = HashOf("o/r", "octocat");
  EXPECT_EQ(subscription, 14'939'674'500'050'629'986U);
  EXPECT_EQ(TokenFor(subscription),
            "2.CWK1etPNYlTPEggIgKD4-gUQBxgCIAEyBgiA4s-qBjIAMgA6BgiAoPj6BToGCICg"
            "-PoFOgYIgKD4-gU6BgiAoPj6BToGCICg-PoFQgIOBUNHID0");
  for (const char c : TokenFor(subscription)) EXPECT_TRUE(c > ' ' && c <= '~');
}

TEST(ResumeTokenTest, TheNamesOfASubscriptionAreTheSameInAnyCase) {
  EXPECT_EQ(HashOf("Octo/Demo", "OctoCat"), HashOf("octo/demo", "@octocat"));
  EXPECT_NE(HashOf("octo/demo", "octocat"), HashOf("octo/demo", "mona"));
  EXPECT_NE(HashOf("octo/demo", "octocat"), HashOf("octo/other", "octocat"));
  EXPECT_NE(HashOf("octo/demo", "octocat"),
            HashOf("octo/demo", "octocat", {Source::SOURCE_REVIEW}));
}

TEST(ResumeTokenTest, ADamagedOneIsRefusedWhereverTheDamageIs) {
  const uint64_t subscription = HashOf("o/r", "octocat");
  const std::string token = TokenFor(subscription);
  for (size_t i = 2; i < token.size(); ++i) {
    for (const char c : {'A', '_', '!', '\n', ' '}) {
      if (token[i] == c) continue;
      std::string damaged = token;
      damaged[i] = c;
      EXPECT_THAT(Refusal(damaged, subscription), HasSubstr("damaged"))
          << damaged;
    }
    EXPECT_THAT(Refusal(token.substr(0, i), subscription),
                HasSubstr("damaged"));
  }
  for (const char* more : {"=", "\n", "A", " "}) {
    EXPECT_THAT(Refusal(token + more, subscription), HasSubstr("damaged"));
  }
  for (const char* other : {"x", ".", "hello", "2", "-2.abc", "\xff"}) {
    EXPECT_THAT(Refusal(other, subscription), HasSubstr("damaged"));
  }
  EXPECT_THAT(Refusal(std::string(1 << 20, 'A'), subscription),
              HasSubstr("damaged"));
}

// The checksum does not keep anybody from forging a token.
TEST(ResumeTokenTest, AForgedOneThatMakesNoSenseIsRefused) {
  const uint64_t subscription = HashOf("o/r", "octocat");
  state::ResumeState good;
  good.set_subscription(subscription);
  Progress(std::nullopt, mentions::v1::HISTORY_COMPLETE)
      .Save(kMaxResumeStateBytes, good);
  good.mutable_full_read()->set_began(1'700'000'000);
  ASSERT_TRUE(DecodeResumeToken(EncodeResumeState(good), subscription).ok());

  constexpr int64_t kNoTime = int64_t{1} << 62;
  constexpr uint64_t kNoNumber = uint64_t{1} << 63;
  using State = state::ResumeState;
  const std::vector<std::function<void(State&)>> changes = {
      [](State& s) { s.mutable_since()->set_seconds(kNoTime); },
      [](State& s) { s.mutable_since()->set_nanos(-1); },
      [](State& s) { s.set_history(77); },
      [](State& s) { s.clear_high_water_marks(); },
      [](State& s) { s.add_high_water_marks(); },
      [](State& s) { s.mutable_high_water_marks(0)->set_time(kNoTime); },
      [](State& s) { s.mutable_high_water_marks(2)->set_time(-kNoTime); },
      [](State& s) { s.clear_delivered(); },
      [](State& s) { s.add_delivered(); },
      [](State& s) { s.mutable_delivered(1)->set_floor(-kNoTime); },
      [](State& s) {
        s.mutable_delivered(2)->add_seconds()->set_delta(kNoTime);
      },
      [](State& s) {
        s.mutable_delivered(4)->add_seconds()->set_fingerprints("abc");
      },
      [](State& s) { s.add_pending_deltas(0); },
      [](State& s) { s.add_pending_deltas(1); },
      [](State& s) { s.add_pending_deltas(kNoNumber); },
      // More than a token of ours has, which would leave no space for the rest.
      [](State& s) {
        for (int i = 0; i < 701; ++i) s.add_pending_deltas(2);
      },
      [](State& s) { s.mutable_full_read()->set_began(kNoTime); },
      [](State& s) { s.mutable_full_read()->set_high_water_mark(kNoTime); },
      [](State& s) { s.set_last_full_read(kNoTime); },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    state::ResumeState bad = good;
    changes[i](bad);
    EXPECT_THAT(Refusal(EncodeResumeState(bad), subscription),
                HasSubstr("damaged"))
        << "change " << i;
  }
}

// Shows: a resume token is bound to its subscription
TEST(ResumeTokenTest, OneOfAnotherVersionOrSubscriptionIsRefusedAsThat) {
  const uint64_t subscription = HashOf("o/r", "octocat");
  const std::string token = TokenFor(subscription);
  EXPECT_THAT(Refusal("1" + token.substr(1), subscription),
              HasSubstr("version"));
  EXPECT_THAT(Refusal("17.abc", subscription), HasSubstr("version"));
  EXPECT_THAT(Refusal(token, HashOf("o/r", "mona")),
              HasSubstr("another subscription"));
}

}  // namespace
}  // namespace mentiond
