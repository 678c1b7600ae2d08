// Parses GraphQL queries, as far as GitHub's clients write them: one operation
// with variables, fields, aliases, arguments, fragments.
// https://spec.graphql.org/October2021/#sec-Language

#ifndef MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_PARSER_H_
#define MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_PARSER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace mentiond::fake_github {

struct GraphQlValue {
  enum class Kind { kNull, kInt, kString, kBool, kEnum, kList, kObject };
  Kind kind = Kind::kNull;
  std::string text;    // of strings and enums
  int64_t number = 0;  // of integers; 0 or 1 of booleans
  std::vector<GraphQlValue> list;
  std::map<std::string, GraphQlValue> object;
};

using GraphQlArguments = std::map<std::string, GraphQlValue>;

struct GraphQlSelection {
  enum class Kind { kField, kSpread, kInline };
  Kind kind = Kind::kField;
  std::string name;   // of the field or the fragment
  std::string alias;  // of the field: its own name where it has none
  std::string type;   // an inline fragment's condition; empty: none
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
