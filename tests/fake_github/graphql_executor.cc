#include "tests/fake_github/graphql_executor.h"

#include <algorithm>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

// GitHub's limit for one call.
constexpr int64_t kMaxNodes = 500'000;
constexpr char kCursorPrefix[] = "cursor:";

bool MatchesType(const std::string& condition, const std::string& type) {
  return condition == type ||
         (condition == "Actor" && (type == "User" || type == "Bot"));
}

bool IsConnection(const std::string& field) {
  return field == "reviews" || field == "comments" || field == "search";
}

class CostCounter {
 public:
  explicit CostCounter(const GraphQlDocument& document) : document_(document) {}

  GraphQlCost Count() {
    Add(document_.selections, 1);
    cost_.points = std::max<int64_t>(1, (requests_ + 50) / 100);
    if (cost_.nodes > kMaxNodes) {
      Refuse("MAX_NODE_LIMIT_EXCEEDED",
             absl::StrCat("This query requests up to ", cost_.nodes,
                          " possible nodes which exceeds the maximum limit of "
                          "500,000."));
    }
    return cost_;
  }

 private:
  void Refuse(std::string type, std::string message) {
    if (cost_.refusal) return;
    cost_.refusal = GraphQlFailure{std::move(type), std::move(message)};
  }

  void Add(const std::vector<GraphQlSelection>& selections, int64_t times) {
    for (const GraphQlSelection& selection : selections) {
      if (selection.kind == GraphQlSelection::Kind::kSpread) {
        const auto found = document_.fragments.find(selection.name);
        if (found != document_.fragments.end()) {
          Add(found->second.selections, times);
        }
        continue;
      }
      int64_t inner = times;
      if (selection.kind == GraphQlSelection::Kind::kField &&
          IsConnection(selection.name)) {
        const int64_t first = IntArgument(selection.arguments, "first");
        if (!selection.arguments.contains("first")) {
          Refuse("MISSING_PAGINATION_BOUNDARIES",
                 absl::StrCat("You must provide a `first` or `last` value to "
                              "properly paginate the `",
                              selection.name, "` connection."));
        } else if (first < 1 || first > 100) {
          Refuse("EXCESSIVE_PAGINATION",
                 absl::StrCat("Requesting ", first, " records on the `",
                              selection.name,
                              "` connection exceeds the `first` limit of 100 "
                              "records."));
        }
        requests_ += times;
        inner = times * std::max<int64_t>(1, first);
        cost_.nodes += inner;
      }
      Add(selection.selections, inner);
    }
  }

  const GraphQlDocument& document_;
  GraphQlCost cost_;
  int64_t requests_ = 0;
};

class Executor {
 public:
  explicit Executor(const GraphQlDocument& document) : document_(document) {}

  std::string Run(const GraphQlObject& root) {
    const std::string data = ObjectText(document_.selections, root);
    // The query does not fit GitHub's schema: there is no data at all.
    if (!invalid_.empty()) return absl::StrCat("{\"errors\":[", invalid_, "]}");
    if (errors_.empty()) return absl::StrCat("{\"data\":", data, "}");
    return absl::StrCat("{\"data\":", data, ",\"errors\":[",
                        absl::StrJoin(errors_, ","), "]}");
  }

 private:
  std::string ObjectText(const std::vector<GraphQlSelection>& selections,
                         const GraphQlObject& object) {
    std::vector<std::string> fields;
    std::set<std::string> written;
    AddFields(selections, object, fields, written);
    return absl::StrCat("{", absl::StrJoin(fields, ","), "}");
  }

  void AddFields(const std::vector<GraphQlSelection>& selections,
                 const GraphQlObject& object, std::vector<std::string>& fields,
                 std::set<std::string>& written) {
    for (const GraphQlSelection& selection : selections) {
      if (selection.kind == GraphQlSelection::Kind::kSpread) {
        const auto found = document_.fragments.find(selection.name);
        if (found == document_.fragments.end()) {
          Invalid(absl::StrCat("Fragment ", selection.name,
                               " was used, but not defined"));
        } else if (MatchesType(found->second.type, object.type)) {
          AddFields(found->second.selections, object, fields, written);
        }
      } else if (selection.kind == GraphQlSelection::Kind::kInline) {
        if (MatchesType(selection.type, object.type)) {
          AddFields(selection.selections, object, fields, written);
        }
      } else if (written.insert(selection.alias).second) {
        path_.push_back(QuotedJson(selection.alias));
        fields.push_back(
            absl::StrCat(path_.back(), ":", FieldText(selection, object)));
        path_.pop_back();
      }
    }
  }

  std::string FieldText(const GraphQlSelection& selection,
                        const GraphQlObject& object) {
    if (selection.name == "__typename") return QuotedJson(object.type);
    const GraphQlResolved resolved =
        object.resolve(selection.name, selection.arguments);
    if (const auto* json = std::get_if<std::string>(&resolved)) return *json;
    if (const auto* one = std::get_if<GraphQlObjectPtr>(&resolved)) {
      return *one == nullptr ? "null" : ObjectText(selection.selections, **one);
    }
    if (const auto* list =
            std::get_if<std::vector<GraphQlObjectPtr>>(&resolved)) {
      std::vector<std::string> elements;
      for (size_t i = 0; i < list->size(); ++i) {
        path_.push_back(absl::StrCat(i));
        elements.push_back(ObjectText(selection.selections, *(*list)[i]));
        path_.pop_back();
      }
      return absl::StrCat("[", absl::StrJoin(elements, ","), "]");
    }
    if (const auto* failure = std::get_if<GraphQlFailure>(&resolved)) {
      errors_.push_back(
          JsonObject()
              .Str("type", failure->type)
              .Raw("path", absl::StrCat("[", absl::StrJoin(path_, ","), "]"))
              .Raw("locations", R"([{"line":1,"column":1}])")
              .Str("message", failure->message)
              .Take());
    } else {
      Invalid(absl::StrCat("Field '", selection.name,
                           "' doesn't exist on type '", object.type, "'"));
    }
    return "null";
  }

  void Invalid(const std::string& message) {
    invalid_ = JsonObject().Str("message", message).Take();
  }

  const GraphQlDocument& document_;
  std::vector<std::string> path_;    // as JSON
  std::vector<std::string> errors_;  // as JSON
  std::string invalid_;
};

}  // namespace

GraphQlCost CostOf(const GraphQlDocument& document) {
  return CostCounter(document).Count();
}

std::string ExecuteGraphQl(const GraphQlDocument& document,
                           const GraphQlObject& root) {
  return Executor(document).Run(root);
}

std::string GraphQlError(const std::string& type, const std::string& message) {
  JsonObject error;
  if (!type.empty()) error.Str("type", type);
  error.Str("message", message);
  return absl::StrCat("{\"data\":null,\"errors\":[", error.Take(), "]}");
}

GraphQlResolved ConnectionOf(
    const std::string& type,
    std::vector<std::pair<int64_t, GraphQlObjectPtr>> nodes,
    const GraphQlArguments& arguments, const std::string& count_field,
    std::optional<size_t> count) {
  const std::string after = StringArgument(arguments, "after");
  size_t begin = 0;
  if (!after.empty()) {
    absl::string_view digits = after;
    int64_t key = 0;
    if (!absl::ConsumePrefix(&digits, kCursorPrefix) ||
        !absl::SimpleAtoi(digits, &key)) {
      return GraphQlFailure{
          "INVALID_CURSOR_ARGUMENTS",
          absl::StrCat("`", after, "` does not appear to be a valid cursor.")};
    }
    while (begin < nodes.size() && nodes[begin].first <= key) ++begin;
  }
  const size_t end =
      std::min(nodes.size(),
               begin + static_cast<size_t>(IntArgument(arguments, "first")));
  const bool has_next = end < nodes.size();
  const std::string cursor =
      begin == end
          ? "null"
          : QuotedJson(absl::StrCat(kCursorPrefix, nodes[end - 1].first));
  std::vector<GraphQlObjectPtr> page;
  for (size_t i = begin; i < end; ++i) page.push_back(nodes[i].second);
  const size_t total = count.value_or(nodes.size());
  return MakeObject(type,
                    [=](const std::string& field,
                        const GraphQlArguments&) -> GraphQlResolved {
                      if (field == "nodes") return page;
                      if (field == count_field) return absl::StrCat(total);
                      if (field != "pageInfo") return NoSuchField();
                      return MakeObject(
                          "PageInfo",
                          [=](const std::string& name,
                              const GraphQlArguments&) -> GraphQlResolved {
                            if (name == "hasNextPage") {
                              return std::string(has_next ? "true" : "false");
                            }
                            if (name == "endCursor") return cursor;
                            return NoSuchField();
                          });
                    });
}

}  // namespace mentiond::fake_github
