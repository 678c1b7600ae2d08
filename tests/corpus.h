// Reads the recorded real data (a repository's comments, reviews and pull
// requests, as GitHub's REST API gave them) that lies beside the checkout.

#ifndef MENTIOND_TESTS_CORPUS_H_
#define MENTIOND_TESTS_CORPUS_H_

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "rapidjson/document.h"

namespace mentiond {

// The corpus's folder, relative to the shared data, for SharedPath().
inline constexpr std::string_view kCorpusFolder = "corpus/bitcoin-core-gui";

// Its files: one JSON object a line, gzipped, each as the endpoint gives it,
// and the logins that GitHub recorded as mentioned, by issue comment.
inline constexpr std::string_view kIssueCommentsFile =
    "issue_comments.jsonl.gz";
inline constexpr std::string_view kReviewCommentsFile =
    "review_comments.jsonl.gz";
inline constexpr std::string_view kReviewsFile = "reviews.jsonl.gz";
inline constexpr std::string_view kPullsFile = "pulls.jsonl.gz";
inline constexpr std::string_view kMentionLabelsFile =
    "mention_labels.jsonl.gz";

// Calls `line` with each line of a gzipped file, without its end, and stops
// with a status where the file cannot be read.
absl::Status ForEachGzipLine(
    const std::string& path,
    absl::FunctionRef<void(std::string_view line)> line);

// The same with each line parsed. A line that is no JSON object ends it with
// DATA_LOSS, naming the line. Members may be null as in GitHub's responses.
absl::Status ForEachGzipJson(
    const std::string& path,
    absl::FunctionRef<void(const rapidjson::Value& object)> object);

// A string member, or empty where it is absent, null or no string.
std::string_view StringMember(const rapidjson::Value& object, const char* name);

// `user.login` of an object, or empty for a deleted account.
std::string_view AuthorOf(const rapidjson::Value& object);

}  // namespace mentiond

#endif  // MENTIOND_TESTS_CORPUS_H_
