// Executes parsed GraphQL queries over objects that resolve their own fields,
// with GitHub's rules for connections, costs and errors.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_EXECUTOR_H_
#define MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_EXECUTOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/fake_github/graphql_parser.h"

namespace mentiond::fake_github {

struct GraphQlObject;
using GraphQlObjectPtr = std::shared_ptr<const GraphQlObject>;

struct NoSuchField {};

// Null beside an error of that type (empty: none) and message.
struct GraphQlFailure {
  std::string type;
  std::string message;
};

// What a field resolves to: nothing, a failure, a value as JSON, an object (a
// null pointer: null), or a list of objects.
using GraphQlResolved =
    std::variant<NoSuchField, GraphQlFailure, std::string, GraphQlObjectPtr,
                 std::vector<GraphQlObjectPtr>>;

struct GraphQlObject {
  // Its name in GitHub's schema.
  std::string type;
  std::function<GraphQlResolved(const std::string& field,
                                const GraphQlArguments& arguments)>
      resolve;
};

template <typename Resolve>
GraphQlObjectPtr MakeObject(std::string type, Resolve resolve) {
  return std::make_shared<GraphQlObject>(
      GraphQlObject{std::move(type), std::move(resolve)});
}

// What a query costs, by GitHub's documented formula.
struct GraphQlCost {
  int64_t points = 1;
  int64_t nodes = 0;
  // Why GitHub refuses the query: a connection without a page size between 1
  // and 100, or too many nodes.
  std::optional<GraphQlFailure> refusal;
};
GraphQlCost CostOf(const GraphQlDocument& document);

// The response's body: `data`, and `errors` where there are any.
std::string ExecuteGraphQl(const GraphQlDocument& document,
                           const GraphQlObject& root);

// A response without data.
std::string GraphQlError(const std::string& type, const std::string& message);

// A connection to `nodes`, as far as `arguments` (first, after) select them, by
// keyset cursors: what was added or removed meanwhile hides nothing else. The
// nodes come with keys in ascending order; of `count_field` is the number of
// all.
GraphQlResolved ConnectionOf(
    const std::string& type,
    std::vector<std::pair<int64_t, GraphQlObjectPtr>> nodes,
    const GraphQlArguments& arguments,
    const std::string& count_field = "totalCount",
    std::optional<size_t> count = std::nullopt);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_EXECUTOR_H_
