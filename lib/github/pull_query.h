// The GraphQL queries that this service sends: descriptions and reviews of up
// to a hundred pull requests at a time, and GitHub's search.
// https://docs.github.com/en/graphql

#ifndef MENTIOND_LIB_GITHUB_PULL_QUERY_H_
#define MENTIOND_LIB_GITHUB_PULL_QUERY_H_

#include <optional>
#include <string>
#include <vector>

#include "lib/base/repo_name.h"
#include "lib/github/types.h"

namespace mentiond {

// GitHub's maximum is 100 for every connection, and for what is nested in a
// hundred pull requests that costs one point.
inline constexpr int kMaxPartsPerQuery = 100;
// Everything below one pull request is nested here, and GitHub ends a query
// after ten seconds.
inline constexpr int kMaxSearchResultsPerQuery = 25;

// The pull requests (or issues too) that mention a user by GitHub's index.
struct PullSearch {
  std::string user;  // a valid login
  bool pulls_only = true;
  int first = kMaxSearchResultsPerQuery;  // 1 to 100
  std::string after = {};                 // a cursor; empty: from the beginning
};

// The JSON body of the request that reads `parts` of a repository. Equal
// arguments give equal bodies. Pure.
std::string PartsQuery(const RepoName& repo,
                       const std::vector<PullRequestPart>& parts);

// The same for a search.
std::string SearchQuery(const RepoName& repo, const PullSearch& search);

// Whether a cursor or node id that GitHub returned can be part of a query.
bool IsQueryable(std::string_view cursor);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_PULL_QUERY_H_
