// The other shapes of one pull request. GitHub shows it three ways: whole at
// /pulls/{n}, without its counts in the list /pulls, and as an issue.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_PULL_VIEWS_H_
#define MENTIOND_TESTS_FAKE_GITHUB_PULL_VIEWS_H_

#include <rapidjson/document.h>

#include <cstdint>
#include <string>

#include "tests/fake_github/render.h"

namespace mentiond::fake_github {

// `full` is an object as in the response of /pulls/{n}.
std::string SimplePull(const rapidjson::Document& full);

// The issue with the key `pull_request` that /issues lists.
std::string IssueOfPull(const RepoIdentity& repo,
                        const rapidjson::Document& full, int64_t issue_id);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_PULL_VIEWS_H_
