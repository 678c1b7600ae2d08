#include "client/terminal/gap_message.h"

#include <gtest/gtest.h>

namespace mentiond::terminal {
namespace {

TEST(GapMessageTest, SaysWhatIsMissingAndWhatToDo) {
  const struct {
    ::mentions::v1::Gap gap;
    const char* message;
  } cases[] = {
      {::mentions::v1::GAP_SEARCH_INDEX,
       "history is incomplete: mentions that GitHub's search index does not "
       "know are missing; use --history=complete to read everything"},
      {::mentions::v1::GAP_ANONYMOUS,
       "history is incomplete: without a token, reviews and edits of "
       "descriptions are missing; set GITHUB_TOKEN"},
      {::mentions::v1::GAP_NO_GRAPHQL,
       "history is incomplete: reviews and edits of descriptions are missing, "
       "because GitHub's GraphQL API is not available; check that the token "
       "and the GitHub server allow it"},
      {static_cast<::mentions::v1::Gap>(99),
       "history is incomplete for a reason that this program does not know "
       "(99); a newer version may explain it"},
  };
  for (const auto& [gap, message] : cases) {
    EXPECT_EQ(GapMessage(gap), message);
  }
}

}  // namespace
}  // namespace mentiond::terminal
