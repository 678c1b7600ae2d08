// Decodes a real repository's comments, reviews and pull requests.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/github/decode.h"
#include "lib/github/types.h"
#include "tests/corpus.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

// Pages of 100, as GitHub would give them.
void ExpectAllDecoded(std::string_view file, Listing listing, size_t items) {
  const auto folder = SharedPath(kCorpusFolder);
  if (!folder) GTEST_SKIP() << "../shared/" << kCorpusFolder << " is absent";
  std::string page;
  size_t on_page = 0;
  size_t decoded_items = 0;
  const auto flush = [&] {
    const auto decoded = DecodeListing(listing, absl::StrCat("[", page, "]"));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->skipped, 0U);
    for (const Item& item : decoded->items) {
      EXPECT_GT(item.id, 0);
      EXPECT_GT(item.number, 0);
      EXPECT_LE(item.created_at, item.updated_at);
    }
    decoded_items += decoded->items.size();
    page.clear();
    on_page = 0;
  };
  const absl::Status read =
      ForEachGzipLine(absl::StrCat(*folder, "/", std::string(file)),
                      [&](std::string_view line) {
                        if (on_page > 0) page += ',';
                        page += line;
                        if (++on_page == 100) flush();
                      });
  ASSERT_TRUE(read.ok()) << read;
  flush();
  EXPECT_EQ(decoded_items, items);
}

TEST(DecodeCorpusTest, IssueComments) {
  ExpectAllDecoded(kIssueCommentsFile, Listing::kIssueComments, 5197);
}

TEST(DecodeCorpusTest, ReviewComments) {
  ExpectAllDecoded(kReviewCommentsFile, Listing::kReviewComments, 2308);
}

TEST(DecodeCorpusTest, PullRequests) {
  ExpectAllDecoded(kPullsFile, Listing::kIssues, 537);
}

}  // namespace
}  // namespace mentiond
