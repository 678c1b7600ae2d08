#include "client/terminal/gap_message.h"

#include "absl/strings/str_cat.h"

namespace mentiond::terminal {

std::string GapMessage(::mentions::v1::Gap gap) {
  switch (gap) {
    case ::mentions::v1::GAP_SEARCH_INDEX:
      return "history is incomplete: mentions that GitHub's search index does "
             "not know are missing; use --history=complete to read everything";
    case ::mentions::v1::GAP_ANONYMOUS:
      return "history is incomplete: without a token, reviews and edits of "
             "descriptions are missing; set GITHUB_TOKEN";
    case ::mentions::v1::GAP_NO_GRAPHQL:
      return "history is incomplete: reviews and edits of descriptions are "
             "missing, because GitHub's GraphQL API is not available; check "
             "that the token and the GitHub server allow it";
    default:
      // From a newer server.
      return absl::StrCat(
          "history is incomplete for a reason that this program does not know "
          "(",
          static_cast<int>(gap), "); a newer version may explain it");
  }
}

}  // namespace mentiond::terminal
