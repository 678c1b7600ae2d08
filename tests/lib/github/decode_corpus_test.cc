// Decodes a real repository's comments and pull requests, in pages of 100, as
// GitHub would give them.

#include "lib/github/decode.h"
#include "tests/corpus.h"
#include "tests/lib/github/decode_samples.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

TEST(DecodeCorpusTest, EveryItemIsDecoded) {
  const auto folder = SharedPath(kCorpusFolder);
  if (!folder) GTEST_SKIP() << "../shared/" << kCorpusFolder << " is absent";
  const struct {
    std::string_view file;
    Listing listing;
    size_t items;
  } cases[] = {{kIssueCommentsFile, Listing::kIssueComments, 5197},
               {kReviewCommentsFile, Listing::kReviewComments, 2308},
               {kPullsFile, Listing::kIssues, 537}};
  for (const auto& one : cases) {
    std::vector<std::string> page;
    size_t decoded_items = 0;
    const auto flush = [&] {
      const DecodedItems decoded = Decoded(one.listing, page);
      EXPECT_EQ(decoded.skipped, 0U);
      for (const Item& item : decoded.items) {
        EXPECT_GT(item.id, 0);
        EXPECT_GT(item.number, 0);
        EXPECT_LE(item.created_at, item.updated_at);
      }
      decoded_items += decoded.items.size();
      page.clear();
    };
    const absl::Status read =
        ForEachGzipLine(absl::StrCat(*folder, "/", std::string(one.file)),
                        [&](std::string_view line) {
                          page.emplace_back(line);
                          if (page.size() == 100) flush();
                        });
    ASSERT_TRUE(read.ok()) << read;
    flush();
    EXPECT_EQ(decoded_items, one.items) << one.file;
  }
}

}  // namespace
}  // namespace mentiond
