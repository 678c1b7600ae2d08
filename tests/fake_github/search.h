// GET /search/issues, as far as it can tell who is mentioned where.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_SEARCH_H_
#define MENTIOND_TESTS_FAKE_GITHUB_SEARCH_H_

#include <string_view>

#include "tests/fake_github/api_request.h"
#include "tests/fake_github/repositories.h"

namespace mentiond::fake_github {

// Knows the qualifiers repo:, type: (or is:) pr and issue, state:, author:
// and mentions:, which all must hold; others and free text earn a 422. What
// it calls a mention is nearly right (no Markdown is read), as GitHub's index
// is only nearly up to date.
ApiAnswer SearchIssues(const Repositories& repositories,
                       const ApiRequest& request);

// `@login` in any case, not inside a longer word or login.
bool NearlyMentions(std::string_view body, std::string_view login);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_SEARCH_H_
