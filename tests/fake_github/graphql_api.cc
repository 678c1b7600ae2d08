#include "tests/fake_github/graphql_api.h"

#include <rapidjson/document.h>

#include <utility>

#include "absl/strings/str_cat.h"

#include "tests/fake_github/graphql_parser.h"
#include "tests/fake_github/graphql_types.h"
#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

ApiAnswer WithBody(std::string body) {
  ApiAnswer answer;
  answer.body = std::move(body);
  return answer;
}

ApiAnswer TooLargeAnswer(GraphQlFaults::TooLarge manner) {
  switch (manner) {
    case GraphQlFaults::TooLarge::kBadGateway:
      return {
          502, "<html><body>502 Bad Gateway</body></html>", "text/html", {}};
    case GraphQlFaults::TooLarge::kTimeout:
      return WithBody(GraphQlError(
          "",
          "Something went wrong while executing your query. This may be the "
          "result of a timeout, or it could be a GitHub bug."));
    case GraphQlFaults::TooLarge::kResourceLimits:
      break;
  }
  return WithBody(GraphQlError("RESOURCE_LIMITS_EXCEEDED",
                               "Resource limits for this query exceeded."));
}

GraphQlArguments VariablesOf(const rapidjson::Value* json) {
  GraphQlArguments variables;
  if (json == nullptr || !json->IsObject()) return variables;
  for (const auto& member : json->GetObject()) {
    GraphQlValue& value = variables[member.name.GetString()];
    if (member.value.IsString()) value = member.value.GetString();
    if (member.value.IsInt64()) value = member.value.GetInt64();
  }
  return variables;
}

}  // namespace

void GraphQlApi::SetFaults(GraphQlFaults faults) {
  absl::MutexLock lock(&mu_);
  faults_ = std::move(faults);
}

ApiAnswer GraphQlApi::Handle(const std::string& body, const RateState& rate,
                             int64_t& points) {
  GraphQlFaults faults;
  {
    absl::MutexLock lock(&mu_);
    faults = faults_;
  }
  points = 0;
  if (faults.absent) return ErrorAnswer(404, "Not Found");
  const rapidjson::Document json = ParseJsonText(body);
  const auto query = StringMember(json, "query");
  if (!query) return ErrorAnswer(400, "Problems parsing JSON");
  const auto document =
      ParseGraphQl(*query, VariablesOf(Member(json, "variables")));
  if (!document.ok()) {
    return WithBody(absl::StrCat(
        "{\"errors\":[",
        JsonObject()
            .Str("message", std::string(document.status().message()))
            .Take(),
        "]}"));
  }
  const GraphQlCost cost = CostOf(*document);
  if (cost.refusal) {
    return WithBody(GraphQlError(cost.refusal->type, cost.refusal->message));
  }
  if (faults.max_nodes && cost.nodes > *faults.max_nodes) {
    points = 1;
    return TooLargeAnswer(faults.too_large);
  }
  points = cost.points;
  const GraphQlContext context{
      .repositories = repositories_,
      .rate = rate,
      .points = points,
      .search_shows = faults.search_shows,
      .forbidden = faults.forbidden,
      .failure = [this](int64_t number, const std::string& field) {
        return TakeFailure(number, field);
      }};
  return WithBody(ExecuteGraphQl(*document, *GraphQlRoot(context)));
}

std::optional<GraphQlFailure> GraphQlApi::TakeFailure(
    int64_t number, const std::string& field) {
  absl::MutexLock lock(&mu_);
  const auto found = faults_.pulls.find(number);
  if (found == faults_.pulls.end() || found->second.field != field) {
    return std::nullopt;
  }
  GraphQlFaults::Failure& failure = found->second;
  GraphQlFailure taken{failure.type, failure.message};
  if (failure.times && --*failure.times <= 0) faults_.pulls.erase(found);
  return taken;
}

}  // namespace mentiond::fake_github
