// Real data from GitHub, read from the files of an export.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_CORPUS_H_
#define MENTIOND_TESTS_FAKE_GITHUB_CORPUS_H_

#include <string>

#include "absl/status/statusor.h"

#include "tests/fake_github/repositories.h"

namespace mentiond::fake_github {

// Reads pulls.jsonl.gz, issue_comments.jsonl.gz, review_comments.jsonl.gz and
// reviews.jsonl.gz of `directory`, each a gzipped file of one JSON object a
// line as in the responses of GitHub's REST API, into the repository that the
// first pull request's `base` names (with its id), and returns "owner/name".
//
// Comments are listed just as they are. The export holds no issues: those of
// pull requests are made from these, with the same id, and plain issues that
// comments belong to are made up around them.
absl::StatusOr<std::string> LoadCorpus(const std::string& directory,
                                       Repositories& repositories);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_CORPUS_H_
