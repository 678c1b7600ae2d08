#include "lib/markdown/mention_index.h"

#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<size_t> CandidatesFor(const char* login,
                                  const std::vector<std::string_view>& bodies) {
  return MentionIndex(bodies).Candidates(*Login::Parse(login));
}

// That no body is left out is part of the extractor's tests: extractor_test,
// robustness_test and corpus_test.
TEST(MentionIndexTest, LeavesOutBodiesThatCannotMentionTheUser) {
  const std::vector<std::string_view> bodies = {
      "Hello @octocat", "octocat", "@OctoCat, @mona", "@octocats",
      "@octo-cat",      "",        "_by @octocat_",   "@octo"};
  EXPECT_THAT(CandidatesFor("octocat", bodies), ElementsAre(0, 2, 6));
  EXPECT_THAT(CandidatesFor("octo-cat", bodies), ElementsAre(4));
  EXPECT_THAT(CandidatesFor("mona", bodies), ElementsAre(2));
  EXPECT_THAT(CandidatesFor("hubot", bodies), IsEmpty());
  EXPECT_THAT(CandidatesFor("octocat", {}), IsEmpty());
}

TEST(MentionIndexTest, BodiesThatMayHideALoginAreForEveryone) {
  EXPECT_THAT(
      CandidatesFor("hubot", {"@mona", "&#64;hubot", "@hubot", "@mona\\-lisa"}),
      ElementsAre(1, 2, 3));
}

TEST(MentionIndexTest, ABodyThatIsFullOfLoginsIsForEveryone) {
  // Given bodies of many logins, and of one login many times
  std::string many;
  std::string hyphens = "@";
  for (int i = 0; i < 5000; ++i) {
    many += "@u" + std::to_string(i) + " ";
    hyphens += "a-";
  }
  const std::vector<std::string_view> bodies = {"@mona", many, hyphens};

  // then the first of them is a candidate for anyone, the second is not.
  EXPECT_THAT(CandidatesFor("hubot", bodies), ElementsAre(1));
}

}  // namespace
}  // namespace mentiond
