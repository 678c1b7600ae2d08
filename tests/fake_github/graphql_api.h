// GitHub's GraphQL API over the stand-in's repositories, with faults by script.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_API_H_
#define MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_API_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "tests/fake_github/api_request.h"
#include "tests/fake_github/graphql_executor.h"
#include "tests/fake_github/rate_limits.h"
#include "tests/fake_github/repositories.h"

namespace mentiond::fake_github {

// What goes wrong in queries, on purpose.
struct GraphQlFaults {
  // A part of the data is null beside an error of that type and message.
  struct Failure {
    std::string type;  // empty: the error has none, as GitHub's internal ones
    std::string message = "Something went wrong while executing your query.";
    // Of the pull request: one of its fields, such as "reviews"; empty: all.
    std::string field = {};
    // How many queries it hits; nullopt: all.
    std::optional<int> times = std::nullopt;
  };
  std::map<int64_t, Failure> pulls;  // by number

  // Queries for more nodes than that take GitHub too long.
  std::optional<int64_t> max_nodes;
  // How it says so: a 502, or a 200 with an error of that type.
  enum class TooLarge { kBadGateway, kTimeout, kResourceLimits };
  TooLarge too_large = TooLarge::kBadGateway;

  // A search shows no more results than that, whatever it counts.
  std::optional<size_t> search_shows;
  // The tokens may not read repositories by GraphQL.
  bool forbidden = false;
  // There is no GraphQL API: 404.
  bool absent = false;
};

// Safe to use from any thread.
class GraphQlApi {
 public:
  // `repositories` must outlive this object.
  explicit GraphQlApi(const Repositories& repositories)
      : repositories_(repositories) {}

  void SetFaults(GraphQlFaults faults);

  // `body` is JSON with a query and variables, `rate` what holds before the
  // query, and `points` becomes what it costs.
  ApiAnswer Handle(const std::string& body, const RateState& rate,
                   int64_t& points);

 private:
  // See GraphQlContext.
  std::optional<GraphQlFailure> TakeFailure(int64_t number,
                                            const std::string& field);

  const Repositories& repositories_;
  absl::Mutex mu_;
  GraphQlFaults faults_ ABSL_GUARDED_BY(mu_);
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_API_H_
