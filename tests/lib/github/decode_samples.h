// Items as GitHub's listings give them, and ways to spoil them.

#ifndef MENTIOND_TESTS_LIB_GITHUB_DECODE_SAMPLES_H_
#define MENTIOND_TESTS_LIB_GITHUB_DECODE_SAMPLES_H_

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

#include "lib/github/decode.h"

namespace mentiond {

// As GitHub gives them, cut down to some of what is not read.
inline constexpr char kComment[] = R"({
  "url": "https://api.github.com/repos/octo/cat/issues/comments/7",
  "html_url": "https://github.com/octo/cat/pull/12#issuecomment-7",
  "issue_url": "https://api.github.com/repos/octo/cat/issues/12",
  "id": 7, "node_id": "IC_kw",
  "user": {"login": "alice", "id": 1, "type": "User", "site_admin": false},
  "created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-02T11:30:59Z",
  "author_association": "MEMBER",
  "body": "ping @bob\r\n\u00e4 \ud83d\ude00",
  "reactions": {"total_count": 0, "+1": 0}, "performed_via_github_app": null})";

// Of a deleted account, on an outdated diff.
inline constexpr char kReviewComment[] = R"({
  "url": "https://api.github.com/repos/octo/cat/pulls/comments/8",
  "pull_request_review_id": 42, "id": 8, "diff_hunk": "@@ -1 +1 @@",
  "path": "file.cc", "position": null, "line": null, "original_line": 3,
  "user": null, "body": "see @bob",
  "created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-01T10:00:00Z",
  "html_url": "https://github.com/octo/cat/pull/13#discussion_r8",
  "pull_request_url": "https://api.github.com/repos/octo/cat/pulls/13"})";

inline constexpr char kPull[] = R"({
  "id": 10, "number": 15, "title": "t", "user": {"login": "alice"},
  "state": "open", "body": null, "comments": 3,
  "html_url": "https://github.com/octo/cat/pull/15",
  "pull_request": {"url": "https://api.github.com/repos/octo/cat/pulls/15"},
  "created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-04T10:00:00Z"})";

// A conversation comment with an id, and a time in RFC 3339.
inline std::string CommentAt(int64_t id, const std::string& updated,
                             const std::string& body = "hi") {
  return absl::StrCat(
      R"({"id":)", id, R"(,"user":{"login":"alice"},"body":")", body,
      R"(","html_url":"https://github.com/o/r/pull/1#issuecomment-)", id,
      R"(","created_at":"2020-01-01T00:00:00Z","updated_at":")", updated,
      R"("})");
}

inline std::string List(const std::vector<std::string>& items) {
  return absl::StrCat("[", absl::StrJoin(items, ","), "]");
}

// `json` with one text in it replaced, which must be there.
inline std::string With(const std::string& json, const std::string& text,
                        const std::string& by) {
  EXPECT_NE(json.find(text), std::string::npos) << text;
  return absl::StrReplaceAll(json, {{text, by}});
}

inline DecodedItems Decoded(Listing listing,
                            const std::vector<std::string>& items) {
  auto decoded = DecodeListing(listing, List(items));
  EXPECT_TRUE(decoded.ok()) << decoded.status();
  return decoded.ok() ? *std::move(decoded) : DecodedItems();
}

// The one item of a list of one; another of number -1 when it was left out.
inline Item DecodedItem(Listing listing, const std::string& json) {
  const DecodedItems decoded = Decoded(listing, {json});
  EXPECT_EQ(decoded.items.size() + decoded.skipped, 1U);
  return decoded.items.empty() ? Item{.number = -1} : decoded.items.front();
}

// The item of kComment with one text in it replaced.
inline Item CommentWith(const std::string& text, const std::string& by) {
  return DecodedItem(Listing::kIssueComments, With(kComment, text, by));
}

// Whether, between two good ones, which stay, the item is left out.
inline bool IsLeftOut(const std::string& good, const std::string& text,
                      const std::string& by,
                      Listing listing = Listing::kIssueComments) {
  const auto decoded = Decoded(listing, {good, With(good, text, by), good});
  EXPECT_EQ(decoded.items.size() + decoded.skipped, 3U);
  return decoded.skipped == 1;
}

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_GITHUB_DECODE_SAMPLES_H_
