#include "lib/stream/resume_token.h"

#include <functional>
#include <string>
#include <vector>

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
  ResumePoint point(absl::FromUnixSeconds(1'600'000'000) +
                    absl::Nanoseconds(7));
  point.synced = true;
  point.cursor.Advance(Listing::kIssues, absl::FromUnixSeconds(1'700'000'000));
  return EncodeResumeToken(point, subscription);
}

std::string Refusal(const std::string& token, uint64_t subscription) {
  const auto point = DecodeResumeToken(token, subscription);
  EXPECT_EQ(point.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(point.status().message());
}

TEST(ResumeTokenTest, SaysWhatWasPutIn) {
  const uint64_t subscription = HashOf("o/r", "octocat");
  const auto point = DecodeResumeToken(TokenFor(subscription), subscription);
  ASSERT_TRUE(point.ok()) << point.status();
  EXPECT_TRUE(point->synced);
  EXPECT_EQ(point->since,
            absl::FromUnixSeconds(1'600'000'000) + absl::Nanoseconds(7));
  EXPECT_EQ(point->cursor.Furthest(Listing::kIssues),
            absl::FromUnixSeconds(1'700'000'000));
  EXPECT_FALSE(point->scan);
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
      EXPECT_THAT(Refusal(damaged, subscription), HasSubstr("damaged"))
          << damaged;
    }
    EXPECT_THAT(Refusal(token.substr(0, i), subscription),
                HasSubstr("damaged"));
  }
  for (const char* more : {"=", "\n", "A", " "}) {
    EXPECT_THAT(Refusal(token + more, subscription), HasSubstr("damaged"));
  }
  for (const char* other : {"x", ".", "hello", "1", "-1.abc", "\xff"}) {
    EXPECT_THAT(Refusal(other, subscription), HasSubstr("damaged"));
  }
  EXPECT_THAT(Refusal(std::string(1 << 20, 'A'), subscription),
              HasSubstr("damaged"));
}

// The checksum keeps no one from making up a token.
TEST(ResumeTokenTest, OneThatMakesNoSenseIsRefused) {
  const uint64_t subscription = HashOf("o/r", "octocat");
  state::ResumeState good;
  good.set_subscription(subscription);
  PullScan().Save(*good.mutable_scan());
  ResumePoint().Save(kMaxResumeStateBytes, good);
  ASSERT_TRUE(DecodeResumeToken(EncodeResumeState(good), subscription).ok());

  constexpr int64_t kNoTime = int64_t{1} << 62;
  constexpr uint64_t kNoNumber = uint64_t{1} << 63;
  const std::vector<std::function<void(state::ResumeState&)>> changes = {
      [](auto& state) { state.mutable_since()->set_seconds(kNoTime); },
      [](auto& state) { state.mutable_since()->set_nanos(-1); },
      [](auto& state) { state.set_issues_furthest(kNoTime); },
      [](auto& state) { state.set_issues_furthest(-kNoTime); },
      [](auto& state) { state.clear_windows(); },
      [](auto& state) { state.add_windows(); },
      [](auto& state) { state.mutable_windows(0)->set_furthest(kNoTime); },
      [](auto& state) { state.mutable_windows(1)->set_floor(-kNoTime); },
      [](auto& state) {
        state.mutable_windows(2)->add_seconds()->set_delta(kNoTime);
      },
      [](auto& state) {
        state.mutable_windows(2)->add_seconds()->set_fingerprints("abc");
      },
      [](auto& state) { state.mutable_windows(0)->set_fingerprint_bytes(5); },
      [](auto& state) { state.mutable_descriptions()->add_fingerprints(1); },
      [](auto& state) {
        state.mutable_descriptions()->add_number_deltas(kNoNumber);
        state.mutable_descriptions()->add_fingerprints(1);
      },
      [](auto& state) {
        state.mutable_descriptions()->set_incomplete_up_to(kNoNumber);
      },
      [](auto& state) { state.mutable_scan()->set_began(kNoTime); },
      [](auto& state) { state.mutable_scan()->set_until(kNoTime); },
      [](auto& state) { state.mutable_scan()->set_after(kNoNumber); },
      [](auto& state) { state.mutable_scan()->add_found_deltas(0); },
      // More than a token of ours has, which would leave no room for the rest.
      [](auto& state) {
        for (int i = 0; i < 600; ++i) {
          state.mutable_scan()->add_found_deltas(uint64_t{1} << 52);
        }
      },
      [](auto& state) {
        for (int i = 0; i < 701; ++i) state.mutable_scan()->add_found_deltas(1);
      },
      [](auto& state) {
        state.mutable_scan()->set_list(
            static_cast<state::HistoryScan::List>(77));
      },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    state::ResumeState bad = good;
    changes[i](bad);
    EXPECT_THAT(Refusal(EncodeResumeState(bad), subscription),
                HasSubstr("damaged"))
        << "change " << i;
  }
}

TEST(ResumeTokenTest, OneOfAnotherVersionIsRefusedAsThat) {
  const uint64_t subscription = HashOf("o/r", "octocat");
  EXPECT_THAT(Refusal("2" + TokenFor(subscription).substr(1), subscription),
              HasSubstr("version"));
  EXPECT_THAT(Refusal("17.abc", subscription), HasSubstr("version"));
}

}  // namespace
}  // namespace mentiond
