// GitHub's search, as far as it can tell who is mentioned where.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_SEARCH_H_
#define MENTIOND_TESTS_FAKE_GITHUB_SEARCH_H_

#include <cstddef>
#include <string>
#include <vector>

#include "tests/fake_github/repositories.h"

namespace mentiond::fake_github {

// Knows the qualifiers repo:, mentions: and is:pr, which all must hold, and
// sort:created-asc, which must be there; finds nothing by a query that it does
// not understand. What it calls a mention is nearly right (no Markdown is
// read), as GitHub's index is only nearly up to date.
struct FoundIssues {
  const FakeRepository* repository = nullptr;
  std::vector<ItemPtr> items;
};
FoundIssues FindIssues(const Repositories& repositories,
                       const std::string& query);

// GitHub shows no more than this many results of a search.
inline constexpr size_t kMaxSearchResults = 1000;

// `@login` in any case, not inside a longer word or login.
bool NearlyMentions(const std::string& body, const std::string& login);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_SEARCH_H_
