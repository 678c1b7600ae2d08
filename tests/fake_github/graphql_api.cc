#include "tests/fake_github/graphql_api.h"

#include <rapidjson/document.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "tests/fake_github/graphql_executor.h"
#include "tests/fake_github/graphql_parser.h"
#include "tests/fake_github/graphql_types.h"
#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

// GitHub's limit for one call.
constexpr int64_t kMaxNodes = 500'000;

GraphQlValue ValueOf(const rapidjson::Value& json) {
  GraphQlValue value;
  if (json.IsString()) {
    value.kind = GraphQlValue::Kind::kString;
    value.text = std::string(json.GetString(), json.GetStringLength());
  } else if (json.IsInt64()) {
    value.kind = GraphQlValue::Kind::kInt;
    value.number = json.GetInt64();
  } else if (json.IsBool()) {
    value.kind = GraphQlValue::Kind::kBool;
    value.number = json.GetBool() ? 1 : 0;
  } else if (json.IsArray()) {
    value.kind = GraphQlValue::Kind::kList;
    for (const auto& element : json.GetArray()) {
      value.list.push_back(ValueOf(element));
    }
  } else if (json.IsObject()) {
    value.kind = GraphQlValue::Kind::kObject;
    for (const auto& member : json.GetObject()) {
      value.object[member.name.GetString()] = ValueOf(member.value);
    }
  }
  return value;
}

GraphQlApi::Answer TooLarge(GraphQlFaults::TooLarge manner) {
  switch (manner) {
    case GraphQlFaults::TooLarge::kBadGateway:
      return {502, "<html><body>502 Bad Gateway</body></html>", 1};
    case GraphQlFaults::TooLarge::kTimeout:
      return {200,
              GraphQlError("",
                           "Something went wrong while executing your query. "
                           "This may be the result of a timeout, or it could "
                           "be a GitHub bug."),
              1};
    case GraphQlFaults::TooLarge::kResourceLimits:
      break;
  }
  return {200,
          GraphQlError("RESOURCE_LIMITS_EXCEEDED",
                       "Resource limits for this query exceeded."),
          1};
}

}  // namespace

void GraphQlApi::SetFaults(GraphQlFaults faults) {
  absl::MutexLock lock(&mu_);
  faults_ = std::move(faults);
}

GraphQlApi::Answer GraphQlApi::Handle(const Request& request) const {
  GraphQlFaults faults;
  {
    absl::MutexLock lock(&mu_);
    faults = faults_;
  }
  if (faults.absent) return {404, R"({"message":"Not Found"})", 0};
  rapidjson::Document json;
  json.Parse(request.body.data(), request.body.size());
  const auto query =
      json.HasParseError() ? std::nullopt : StringMember(json, "query");
  if (!query) {
    return {400,
            R"({"message":"Problems parsing JSON",)"
            R"("documentation_url":"https://docs.github.com/graphql"})",
            0};
  }
  GraphQlArguments variables;
  if (const rapidjson::Value* given = Member(json, "variables");
      given != nullptr && given->IsObject()) {
    variables = ValueOf(*given).object;
  }
  const auto document = ParseGraphQl(*query, variables);
  if (!document.ok()) {
    return {200,
            absl::StrCat(
                "{\"errors\":[",
                JsonObject()
                    .Str("message", std::string(document.status().message()))
                    .Take(),
                "]}"),
            0};
  }
  const GraphQlCost cost = CostOf(*document);
  if (!cost.error_type.empty()) {
    return {200, GraphQlError(cost.error_type, cost.error_message), 0};
  }
  if (cost.nodes > kMaxNodes) {
    return {200,
            GraphQlError("MAX_NODE_LIMIT_EXCEEDED",
                         absl::StrCat("This query requests up to ", cost.nodes,
                                      " possible nodes which exceeds the "
                                      "maximum limit of 500,000.")),
            0};
  }
  if (faults.max_nodes && cost.nodes > *faults.max_nodes) {
    return TooLarge(faults.too_large);
  }
  GraphQlContext context{.repositories = repositories_,
                         .login = request.login,
                         .rate = request.rate,
                         .cost = cost,
                         .search_shows = faults.search_shows,
                         .forbidden = faults.forbidden};
  context.rate.used += cost.points;
  context.rate.remaining -= cost.points;
  context.failure =
      [this](int64_t number) -> std::optional<GraphQlFaults::Failure> {
    absl::MutexLock lock(&mu_);
    const auto found = faults_.pulls.find(number);
    if (found == faults_.pulls.end()) return std::nullopt;
    std::optional<int>& times = found->second.times;
    if (times && (*times)-- <= 0) {
      faults_.pulls.erase(found);
      return std::nullopt;
    }
    return found->second;
  };
  return {200, ExecuteGraphQl(*document, *GraphQlRoot(context)), cost.points};
}

}  // namespace mentiond::fake_github
