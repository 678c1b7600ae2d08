// The listing reader with responses that no honest GitHub gives: it must come
// to an end, or say that it can't.

#include "absl/strings/match.h"

#include "tests/lib/github/reader_fixture.h"

namespace mentiond {
namespace {

using absl::StatusCode;

constexpr char kNext[] =
    "https://api.github.com/repositories/1/comments?page=2";

TEST(ListingReaderHostileTest, ItComesToAnEndOrSaysThatItCannot) {
  const std::string item = CommentAt(1, "2024-01-01T00:00:00Z");
  const std::string junk = "17,null,{}";
  const struct {
    const char* name;
    // Of the first page of a listing, which has a next link, and of that next.
    std::string first, next;
    bool loops;  // the next has the same next link
    size_t requests;
    StatusCode code = StatusCode::kOk;
    std::string from = "none";  // what is requested from then on is
    std::string then = "";      // this, without a next link
  } cases[] = {
      {"a loop", item, item, true, 1001, StatusCode::kUnavailable},
      {"empty pages without end", "", "", true, 1000, StatusCode::kUnavailable},
      {"nothing but malformed items", junk, item, false, 2},
      // Page 1 never says how late it is; page 2 is a year later.
      {"a malformed page", junk, CommentAt(1, "2025-01-01T00:00:00Z"), true, 3,
       StatusCode::kOk, "since=2025"},
      // GitHub's have none. A window that began within a second would give the
      // same page for ever.
      {"times with fractions", CommentAt(1, "2024-01-01T00:00:00.5Z"),
       CommentAt(2, "2024-01-01T00:00:00.7Z"), false, 5},
      {"items older than since", item, "", false, 2, StatusCode::kOk,
       "since=2024", CommentAt(2, "2023-01-01T00:00:00Z")},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    Reading reading([&](const HttpRequest& request) {
      if (absl::StrContains(request.url, one.from)) {
        return Answer(200, List({one.then}));
      }
      const bool is_next = request.url == kNext;
      return Answer(
          200, List({is_next ? one.next : one.first}),
          {{"Link", is_next && !one.loops
                        ? ""
                        : absl::StrCat("<", kNext, R"(>; rel="next")")}});
    });
    const absl::Status status = reading.Finish();
    EXPECT_EQ(status.code(), one.code) << status;
    EXPECT_EQ(reading.requests(), one.requests);
  }
}

}  // namespace
}  // namespace mentiond
