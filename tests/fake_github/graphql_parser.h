// Parses GraphQL queries, as far as the product writes them: one operation with
// variables, fields, aliases, arguments (integers, strings, enums), fragments.
// https://spec.graphql.org/October2021/#sec-Language

#ifndef MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_PARSER_H_
#define MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_PARSER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace mentiond::fake_github {

// Null, an integer, or a string or enum.
using GraphQlValue = std::variant<std::monostate, int64_t, std::string>;
using GraphQlArguments = std::map<std::string, GraphQlValue>;

// The argument; 0 or "" when it is absent or of another type.
int64_t IntArgument(const GraphQlArguments& arguments, const std::string& name);
std::string StringArgument(const GraphQlArguments& arguments,
                           const std::string& name);

struct GraphQlSelection {
  enum class Kind { kField, kSpread, kInline };
  Kind kind = Kind::kField;
  std::string name;   // of the field or the fragment
  std::string alias;  // of the field: its own name where it has none
  std::string type;   // an inline fragment's condition
  GraphQlArguments arguments;
  std::vector<GraphQlSelection> selections;
};

struct GraphQlFragment {
  std::string type;
  std::vector<GraphQlSelection> selections;
};

struct GraphQlDocument {
  std::vector<GraphQlSelection> selections;
  std::map<std::string, GraphQlFragment> fragments;
};

// With the values of `variables` in their places. INVALID_ARGUMENT says what is
// wrong, as GitHub's parse errors do.
absl::StatusOr<GraphQlDocument> ParseGraphQl(std::string_view query,
                                             const GraphQlArguments& variables);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_PARSER_H_
