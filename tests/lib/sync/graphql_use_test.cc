// How much is read by one GraphQL query. That queries fit GitHub's schema is
// shown by exactly_once_test, what its own rate limit means by trouble_test.

#include "absl/strings/str_cat.h"

#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

class GraphQlUseTest : public StreamFixture {
 protected:
  void AddPulls(int count) {
    for (int i = 0; i < count; ++i) {
      clock_.Advance(absl::Seconds(30));
      const int64_t pull = repo_.AddPull("mona", "A change");
      repo_.AddReview(pull, "hubot", absl::StrCat("@octocat ", i));
    }
    clock_.Advance(absl::Hours(24));
  }
};

TEST_F(GraphQlUseTest, QueriesThatTakeTooLongAreMadeSmaller) {
  AddPulls(150);
  for (const auto manner :
       {GraphQlFaults::TooLarge::kBadGateway, GraphQlFaults::TooLarge::kTimeout,
        GraphQlFaults::TooLarge::kResourceLimits}) {
    // Queries request up to a hundred reviews of each pull request.
    github_.SetGraphQlFaults({.max_nodes = 3000, .too_large = manner});
    github_.ClearLog();
    const auto stream =
        Start(WithToken(absl::StrCat("ghp_", static_cast<int>(manner))));
    EXPECT_EQ(MentionsAfter(5, *stream).size(), 150U);
    // Two failures, six batches of 25, and few more.
    EXPECT_LE(github_.stats().graphql_requests, 12);
    Cancel(*stream);
  }
}

TEST_F(GraphQlUseTest, ManyPullRequestsThatWereUpdatedAreReadTogether) {
  AddPulls(60);
  const auto stream = Start();
  Drain(*stream->queue);
  github_.ClearLog();
  for (int64_t pull = 1; pull <= 60; ++pull) {
    repo_.AddReview(pull, "hubot", "@octocat");
  }
  EXPECT_EQ(MentionsAfter(1, *stream).size(), 60U);
  EXPECT_EQ(github_.stats().graphql_requests, 1);
}

}  // namespace
}  // namespace mentiond
