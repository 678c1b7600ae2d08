// Executes parsed GraphQL queries over objects that resolve their own fields,
// with GitHub's rules for connections, costs and errors.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_EXECUTOR_H_
#define MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_EXECUTOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fake_github/graphql_parser.h"

namespace mentiond::fake_github {

class GraphQlObject;
using GraphQlObjectPtr = std::shared_ptr<const GraphQlObject>;

// What a field resolves to.
struct GraphQlResolved {
  enum class Kind { kNoSuchField, kJson, kObject, kList, kError };
  Kind kind = Kind::kNoSuchField;
  std::string json;         // of kJson: a value as it is sent
  GraphQlObjectPtr object;  // of kObject; null: null
  std::vector<GraphQlObjectPtr> list;
  std::string error_type;  // of kError: null beside an error
  std::string error_message;

  static GraphQlResolved Json(std::string json);
  // Null for an empty optional.
  static GraphQlResolved String(const std::optional<std::string>& text);
  static GraphQlResolved Int(int64_t number);
  static GraphQlResolved Bool(bool value);
  static GraphQlResolved Object(GraphQlObjectPtr object);
  static GraphQlResolved List(std::vector<GraphQlObjectPtr> list);
  static GraphQlResolved Error(std::string type, std::string message);
};

class GraphQlObject {
 public:
  virtual ~GraphQlObject() = default;
  // The name of its type in GitHub's schema.
  virtual std::string Type() const = 0;
  virtual GraphQlResolved Resolve(const std::string& field,
                                  const GraphQlArguments& arguments) const = 0;
};

// What a query costs, by GitHub's documented formula.
struct GraphQlCost {
  int64_t points = 1;
  int64_t nodes = 0;
  // A connection without a page size between 1 and 100: type and message of the
  // error; empty: none.
  std::string error_type;
  std::string error_message;
};
GraphQlCost CostOf(const GraphQlDocument& document);

// The response's body: `data`, and `errors` where there are any.
std::string ExecuteGraphQl(const GraphQlDocument& document,
                           const GraphQlObject& root);

// A response without data.
std::string GraphQlError(std::string_view type, std::string_view message,
                         std::string_view data = "null");

// The page of a connection that `arguments` (first, after) select of `nodes`,
// whose cursors are `cursors`.
GraphQlResolved ConnectionOf(const std::string& type,
                             std::vector<GraphQlObjectPtr> nodes,
                             const std::vector<std::string>& cursors,
                             const GraphQlArguments& arguments,
                             const std::string& count_field = "totalCount");

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_EXECUTOR_H_
