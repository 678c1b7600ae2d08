// Checks GraphQL queries and responses against GitHub's published schema, by a
// real GraphQL implementation (Debian's python3-graphql-core).

#ifndef MENTIOND_TESTS_GRAPHQL_SCHEMA_CHECK_H_
#define MENTIOND_TESTS_GRAPHQL_SCHEMA_CHECK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace mentiond {

struct GraphQlExchange {
  std::string request;                  // the body that is sent
  std::optional<std::string> response;  // nullopt: only the query is checked
};

// `schema_path` is where schema.graphql is. FAILED_PRECONDITION with a line for
// each violation; the first exchange has number 1. Takes about a second.
absl::Status CheckGraphQl(const std::string& schema_path,
                          const std::vector<GraphQlExchange>& exchanges);

}  // namespace mentiond

#endif  // MENTIOND_TESTS_GRAPHQL_SCHEMA_CHECK_H_
