// GitHub's GraphQL query root and repositories as objects that resolve their
// fields; what is written in them is in graphql_bodies.h.

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
  std::string login;
  RateState rate;
  GraphQlCost cost;
  std::optional<size_t> search_shows;
  bool forbidden = false;
  // How the pull request fails in this query; nullopt: it does not.
  std::function<std::optional<GraphQlFaults::Failure>(int64_t number)> failure;
};

// The query's root. `context` must outlive it and all that it resolves to.
GraphQlObjectPtr GraphQlRoot(const GraphQlContext& context);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_TYPES_H_
