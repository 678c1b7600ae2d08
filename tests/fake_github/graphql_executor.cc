#include "tests/fake_github/graphql_executor.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

const std::map<std::string, std::set<std::string>>& Interfaces() {
  static const auto* const interfaces =
      new std::map<std::string, std::set<std::string>>{
          {"Actor", {"User", "Bot", "Mannequin", "Organization"}},
          {"Comment",
           {"PullRequest", "Issue", "IssueComment", "PullRequestReview",
            "PullRequestReviewComment"}},
          {"Node",
           {"PullRequest", "Issue", "IssueComment", "PullRequestReview",
            "PullRequestReviewComment", "Repository", "User", "Bot"}},
      };
  return *interfaces;
}

bool Matches(const std::string& condition, const std::string& type) {
  if (condition.empty() || condition == type) return true;
  const auto found = Interfaces().find(condition);
  return found != Interfaces().end() && found->second.contains(type);
}

bool IsConnection(const std::string& field) {
  constexpr std::array<std::string_view, 5> kConnections = {
      "reviews", "comments", "pullRequests", "issues", "search"};
  return std::find(kConnections.begin(), kConnections.end(), field) !=
         kConnections.end();
}

std::optional<int64_t> First(const GraphQlArguments& arguments) {
  const auto first = arguments.find("first");
  if (first == arguments.end() ||
      first->second.kind != GraphQlValue::Kind::kInt) {
    return std::nullopt;
  }
  return first->second.number;
}

class CostCounter {
 public:
  explicit CostCounter(const GraphQlDocument& document) : document_(document) {}

  GraphQlCost Count() {
    Add(document_.selections, 1);
    cost_.points = std::max<int64_t>(1, (requests_ + 50) / 100);
    return cost_;
  }

 private:
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
        const std::optional<int64_t> first = First(selection.arguments);
        if (!first) {
          cost_.error_type = "MISSING_PAGINATION_BOUNDARIES";
          cost_.error_message = absl::StrCat(
              "You must provide a `first` or `last` value to properly paginate "
              "the `",
              selection.name, "` connection.");
        } else if (*first < 1 || *first > 100) {
          cost_.error_type = "EXCESSIVE_PAGINATION";
          cost_.error_message = absl::StrCat(
              "Requesting ", *first, " records on the `", selection.name,
              "` connection exceeds the `first` limit of 100 records.");
        }
        requests_ += times;
        inner = times * first.value_or(1);
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
    const std::string data = Write(document_.selections, root);
    if (invalid_) return absl::StrCat("{\"errors\":[", errors_.front(), "]}");
    if (errors_.empty()) return absl::StrCat("{\"data\":", data, "}");
    return absl::StrCat("{\"data\":", data, ",\"errors\":[",
                        absl::StrJoin(errors_, ","), "]}");
  }

 private:
  std::string Write(const std::vector<GraphQlSelection>& selections,
                    const GraphQlObject& object) {
    std::vector<std::string> fields;
    std::set<std::string> written;
    WriteFields(selections, object, fields, written);
    return absl::StrCat("{", absl::StrJoin(fields, ","), "}");
  }

  void WriteFields(const std::vector<GraphQlSelection>& selections,
                   const GraphQlObject& object,
                   std::vector<std::string>& fields,
                   std::set<std::string>& written) {
    for (const GraphQlSelection& selection : selections) {
      if (selection.kind == GraphQlSelection::Kind::kSpread) {
        const auto found = document_.fragments.find(selection.name);
        if (found == document_.fragments.end()) {
          Invalid("fragmentNotFound", absl::StrCat("Fragment ", selection.name,
                                                   " was used, but "
                                                   "not defined"));
        } else if (Matches(found->second.type, object.Type())) {
          WriteFields(found->second.selections, object, fields, written);
        }
        continue;
      }
      if (selection.kind == GraphQlSelection::Kind::kInline) {
        if (Matches(selection.type, object.Type())) {
          WriteFields(selection.selections, object, fields, written);
        }
        continue;
      }
      if (!written.insert(selection.alias).second) continue;
      path_.push_back(QuotedJson(selection.alias));
      fields.push_back(absl::StrCat(QuotedJson(selection.alias), ":",
                                    FieldOf(selection, object)));
      path_.pop_back();
    }
  }

  std::string FieldOf(const GraphQlSelection& selection,
                      const GraphQlObject& object) {
    if (selection.name == "__typename") return QuotedJson(object.Type());
    const GraphQlResolved resolved =
        object.Resolve(selection.name, selection.arguments);
    switch (resolved.kind) {
      case GraphQlResolved::Kind::kNoSuchField:
        Invalid("undefinedField",
                absl::StrCat("Field '", selection.name,
                             "' doesn't exist on type '", object.Type(), "'"));
        return "null";
      case GraphQlResolved::Kind::kJson:
        return resolved.json;
      case GraphQlResolved::Kind::kObject:
        return resolved.object == nullptr
                   ? "null"
                   : Write(selection.selections, *resolved.object);
      case GraphQlResolved::Kind::kList: {
        std::vector<std::string> elements;
        for (size_t i = 0; i < resolved.list.size(); ++i) {
          path_.push_back(absl::StrCat(i));
          elements.push_back(
              resolved.list[i] == nullptr
                  ? "null"
                  : Write(selection.selections, *resolved.list[i]));
          path_.pop_back();
        }
        return absl::StrCat("[", absl::StrJoin(elements, ","), "]");
      }
      case GraphQlResolved::Kind::kError:
        errors_.push_back(
            JsonObject()
                .Str("type", resolved.error_type)
                .Raw("path", absl::StrCat("[", absl::StrJoin(path_, ","), "]"))
                .Raw("locations", R"([{"line":1,"column":1}])")
                .Str("message", resolved.error_message)
                .Take());
        return "null";
    }
    return "null";
  }

  // The query does not fit GitHub's schema: there is no data at all.
  void Invalid(const std::string& code, const std::string& message) {
    if (!invalid_) errors_.clear();
    invalid_ = true;
    errors_.push_back(
        JsonObject()
            .Raw("path", absl::StrCat("[", absl::StrJoin(path_, ","), "]"))
            .Raw("extensions", JsonObject().Str("code", code).Take())
            .Str("message", message)
            .Take());
  }

  const GraphQlDocument& document_;
  std::vector<std::string> path_;  // as JSON
  std::vector<std::string> errors_;
  bool invalid_ = false;
};

// {startCursor, endCursor, hasNextPage, hasPreviousPage}
struct PageInfo : GraphQlObject {
  std::string start;
  std::string end;
  bool has_next = false;
  bool has_previous = false;

  std::string Type() const override { return "PageInfo"; }
  GraphQlResolved Resolve(const std::string& field,
                          const GraphQlArguments&) const override {
    const auto cursor = [](const std::string& text) {
      return GraphQlResolved::String(text.empty() ? std::nullopt
                                                  : std::optional(text));
    };
    if (field == "hasNextPage") return GraphQlResolved::Bool(has_next);
    if (field == "hasPreviousPage") return GraphQlResolved::Bool(has_previous);
    if (field == "startCursor") return cursor(start);
    if (field == "endCursor") return cursor(end);
    return {};
  }
};

struct Connection : GraphQlObject {
  std::string type;
  std::string count_field;
  int64_t count = 0;
  std::vector<GraphQlObjectPtr> nodes;
  std::shared_ptr<PageInfo> page_info;

  std::string Type() const override { return type; }
  GraphQlResolved Resolve(const std::string& field,
                          const GraphQlArguments&) const override {
    if (field == "nodes") return GraphQlResolved::List(nodes);
    if (field == "pageInfo") return GraphQlResolved::Object(page_info);
    if (field == count_field) return GraphQlResolved::Int(count);
    return {};
  }
};

}  // namespace

GraphQlResolved GraphQlResolved::Json(std::string json) {
  GraphQlResolved resolved;
  resolved.kind = Kind::kJson;
  resolved.json = std::move(json);
  return resolved;
}

GraphQlResolved GraphQlResolved::String(
    const std::optional<std::string>& text) {
  return Json(text ? QuotedJson(*text) : "null");
}

GraphQlResolved GraphQlResolved::Int(int64_t number) {
  return Json(absl::StrCat(number));
}

GraphQlResolved GraphQlResolved::Bool(bool value) {
  return Json(value ? "true" : "false");
}

GraphQlResolved GraphQlResolved::Object(GraphQlObjectPtr object) {
  GraphQlResolved resolved;
  resolved.kind = Kind::kObject;
  resolved.object = std::move(object);
  return resolved;
}

GraphQlResolved GraphQlResolved::List(std::vector<GraphQlObjectPtr> list) {
  GraphQlResolved resolved;
  resolved.kind = Kind::kList;
  resolved.list = std::move(list);
  return resolved;
}

GraphQlResolved GraphQlResolved::Error(std::string type, std::string message) {
  GraphQlResolved resolved;
  resolved.kind = Kind::kError;
  resolved.error_type = std::move(type);
  resolved.error_message = std::move(message);
  return resolved;
}

GraphQlCost CostOf(const GraphQlDocument& document) {
  return CostCounter(document).Count();
}

std::string ExecuteGraphQl(const GraphQlDocument& document,
                           const GraphQlObject& root) {
  return Executor(document).Run(root);
}

std::string GraphQlError(std::string_view type, std::string_view message,
                         std::string_view data) {
  JsonObject error;
  if (!type.empty()) error.Str("type", type);
  error.Str("message", message);
  return absl::StrCat("{\"data\":", absl::string_view(data.data(), data.size()),
                      ",\"errors\":[", error.Take(), "]}");
}

GraphQlResolved ConnectionOf(const std::string& type,
                             std::vector<GraphQlObjectPtr> nodes,
                             const std::vector<std::string>& cursors,
                             const GraphQlArguments& arguments,
                             const std::string& count_field) {
  size_t begin = 0;
  if (const auto after = arguments.find("after");
      after != arguments.end() &&
      after->second.kind == GraphQlValue::Kind::kString) {
    // Cursors are in order: what was added or removed meanwhile does not
    // matter.
    if (!absl::StartsWith(after->second.text, "cursor:")) {
      return GraphQlResolved::Error(
          "INVALID_CURSOR_ARGUMENTS",
          absl::StrCat("`", after->second.text,
                       "` does not appear to be a valid cursor."));
    }
    begin = static_cast<size_t>(
        std::upper_bound(cursors.begin(), cursors.end(), after->second.text) -
        cursors.begin());
  }
  const auto size = static_cast<size_t>(First(arguments).value_or(0));
  const size_t end = std::min(nodes.size(), begin + size);
  auto connection = std::make_shared<Connection>();
  connection->type = type;
  connection->count_field = count_field;
  connection->count = static_cast<int64_t>(nodes.size());
  connection->page_info = std::make_shared<PageInfo>();
  connection->page_info->has_previous = begin > 0;
  connection->page_info->has_next = end < nodes.size();
  if (begin < end) {
    connection->page_info->start = cursors[begin];
    connection->page_info->end = cursors[end - 1];
  }
  connection->nodes.assign(nodes.begin() + static_cast<ptrdiff_t>(begin),
                           nodes.begin() + static_cast<ptrdiff_t>(end));
  return GraphQlResolved::Object(connection);
}

}  // namespace mentiond::fake_github
