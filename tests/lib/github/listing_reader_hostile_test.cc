// The listing reader with responses that no honest GitHub gives: it must come
// to an end, or say that it can't.

#include "absl/strings/match.h"

#include "tests/lib/github/decode_samples.h"
#include "tests/lib/github/reader_fixture.h"

namespace mentiond {
namespace {

constexpr char kNext[] =
    "https://api.github.com/repositories/1/comments?page=2";

TEST(ListingReaderHostileTest, ItComesToAnEndOrSaysThatItCannot) {
  const std::string item = CommentAt(1, "2024-01-01T00:00:00Z");
  const std::string junk = "17,null,{}";
  using absl::StatusCode;
  const struct {
    const char* name;
    // Of the page without, and of that with the next link.
    std::string first, next;
    bool next_has_next;
    std::string since = "";  // what a window that is empty begins with
    StatusCode code = StatusCode::kOk;
    size_t requests = 2;
  } cases[] = {
      {"a link that loops", item, item, true, "", StatusCode::kUnavailable,
       1001},
      {"empty pages without end", "", "", true, "", StatusCode::kUnavailable,
       1000},
      {"nothing but malformed items", junk, item, false},
      // Page 1 never says how late it is; page 2 is a year later.
      {"a malformed page before the end", junk,
       CommentAt(1, "2025-01-01T00:00:00Z"), true, "2025", StatusCode::kOk, 3},
      // GitHub's have none. A window that began within a second would give the
      // same page for ever.
      {"times with fractions", CommentAt(1, "2024-01-01T00:00:00.5Z"),
       CommentAt(2, "2024-01-01T00:00:00.7Z"), false, "", StatusCode::kOk, 5},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    Reading reading([&](const HttpRequest& request) {
      if (!one.since.empty() &&
          absl::StrContains(request.url, "since=" + one.since)) {
        return Answer(200, "[]");
      }
      const bool is_next = request.url == kNext;
      HttpResponse response =
          Answer(200, absl::StrCat("[", is_next ? one.next : one.first, "]"));
      if (!is_next || one.next_has_next) {
        response.headers.Add("Link",
                             absl::StrCat("<", kNext, R"(>; rel="next")"));
      }
      return response;
    });
    const absl::Status status = reading.Finish();
    EXPECT_EQ(status.code(), one.code) << status;
    EXPECT_EQ(reading.requests(), one.requests);
  }
}

TEST(ListingReaderHostileTest, ItemsOlderThanSinceDoNotTurnItBack) {
  Reading reading([](const HttpRequest& request) {
    if (!absl::StrContains(request.url, "since=")) {
      return Answer(200, List({CommentAt(1, "2024-01-01T00:00:00Z")}),
                    {{"Link", absl::StrCat("<", kNext, R"(>; rel="next")")}});
    }
    return Answer(200, List({CommentAt(2, "2023-01-01T00:00:00Z")}));
  });
  EXPECT_TRUE(reading.Finish().ok());
  EXPECT_EQ(reading.requests(), 2U);
}

}  // namespace
}  // namespace mentiond
