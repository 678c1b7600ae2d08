// What the headers and the status of real responses are taken for.

#include "tests/recorded.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/github/response_meta.h"
#include "lib/github/response_status.h"
#include "tests/corpus.h"
#include "tests/fakes/fake_transport.h"
#include "tests/lib/github/decode_samples.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

TEST(RecordedTest, ResponsesAreUnderstood) {
  const auto path = SharedPath(kRecordedResponses);
  if (!path) GTEST_SKIP() << "../shared/" << kRecordedResponses << " is absent";
  const auto exchanges = ReadRecordedExchanges(*path);
  ASSERT_TRUE(exchanges.ok()) << exchanges.status();
  ASSERT_EQ(exchanges->size(), 71U);

  int limits = 0, refusals = 0, nexts = 0, lasts = 0, expiries = 0;
  for (const RecordedExchange& exchange : *exchanges) {
    SCOPED_TRACE(absl::StrCat("line ", exchange.line, ": ", exchange.url));
    const HttpResponse& response = exchange.response;
    const HttpHeaders& headers = response.headers;
    const absl::Status status = StatusOfResponse(response);
    if (response.status == 403) {
      const bool is_limit = headers.Get("x-ratelimit-remaining") == "0" ||
                            headers.Get("retry-after").has_value();
      EXPECT_GE(absl::IsUnavailable(status), is_limit);
      if (absl::StrContains(response.body, "ust have admin")) {
        EXPECT_TRUE(absl::IsPermissionDenied(status));
      }
      ++(absl::IsUnavailable(status) ? limits : refusals);
    } else {
      EXPECT_EQ(status.code(),
                StatusOfResponse(Answer(response.status, "")).code());
    }
    if (response.status == 404) {
      EXPECT_TRUE(absl::StartsWith(status.message(), "GitHub answered 404: "));
    }

    const std::string link(headers.Get("link").value_or(""));
    const ResponseMeta meta = ParseResponseMeta(headers, absl::UnixEpoch());
    const bool says_next = absl::StrContains(link, "rel=\"next\"");
    EXPECT_EQ(!meta.next_url.empty(), says_next) << link;
    if (says_next) {
      EXPECT_TRUE(absl::StartsWith(meta.next_url, "https://api.github.com/"));
      EXPECT_TRUE(
          absl::StrContains(link, absl::StrCat("<", meta.next_url, ">")));
    }
    nexts += says_next ? 1 : 0;
    // Page numbers are there where the listing is paged by them.
    const bool says_last = absl::StrContains(link, "rel=\"last\"");
    EXPECT_EQ(meta.last_page > 1, says_last) << link;
    lasts += says_last ? 1 : 0;
    const bool expires =
        headers.Get("github-authentication-token-expiration").has_value();
    EXPECT_EQ(meta.token_expires_at.has_value(), expires);
    expiries += expires ? 1 : 0;
  }
  // Two primary and two secondary limits or so; the rest lacked permission.
  EXPECT_EQ(limits, 4);
  EXPECT_EQ(refusals, 6);
  EXPECT_EQ(nexts, 17);
  EXPECT_EQ(lasts, 7);
  EXPECT_GE(expiries, 10);
}

// In pages of 100, as GitHub would give them.
TEST(RecordedTest, EveryItemOfARepositoryIsDecoded) {
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
