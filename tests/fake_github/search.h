// GET /search/issues, as far as it can tell who is mentioned where.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_SEARCH_H_
#define MENTIOND_TESTS_FAKE_GITHUB_SEARCH_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fake_github/api_request.h"
#include "tests/fake_github/repositories.h"

namespace mentiond::fake_github {

// Knows the qualifiers repo:, type: (or is:) pr and issue, state:, author:
// and mentions:, which all must hold; others and free text earn a 422. What
// it calls a mention is nearly right (no Markdown is read), as GitHub's index
// is only nearly up to date.
ApiAnswer SearchIssues(const Repositories& repositories,
                       const ApiRequest& request);

// What a search in GraphQL finds, with the same qualifiers and
// `sort:created-asc` or `-desc`; nothing for a query that it does not
// understand.
struct FoundIssue {
  const FakeRepository* repository;
  ItemPtr item;
};
std::vector<FoundIssue> FindIssues(const Repositories& repositories,
                                   const std::string& query);

// GitHub shows no more than this many results of a search.
inline constexpr size_t kMaxSearchResults = 1000;

// `@login` in any case, not inside a longer word or login.
bool NearlyMentions(std::string_view body, std::string_view login);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_SEARCH_H_
