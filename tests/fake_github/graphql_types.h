// GitHub's GraphQL types, as objects that resolve the fields that the product
// requests.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_TYPES_H_
#define MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_TYPES_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tests/fake_github/graphql_api.h"
#include "tests/fake_github/graphql_executor.h"
#include "tests/fake_github/rate_limits.h"
#include "tests/fake_github/repositories.h"

namespace mentiond::fake_github {

// What all objects of one query share.
struct GraphQlContext {
  const Repositories& repositories;
  RateState rate;
  int64_t points = 0;
  std::optional<size_t> search_shows;
  bool forbidden = false;
  // How a field of the pull request fails in this query ("": all of it);
  // nullopt: it does not.
  std::function<std::optional<GraphQlFailure>(int64_t number,
                                              const std::string& field)>
      failure;
};

// The query's root. `context` must outlive it and all that it resolves to.
GraphQlObjectPtr GraphQlRoot(const GraphQlContext& context);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_TYPES_H_
