#include "tests/fake_github/graphql_types.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/fake_github/graphql_bodies.h"
#include "tests/fake_github/search.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

using Resolved = GraphQlResolved;

std::string StringArgument(const GraphQlArguments& arguments,
                           const std::string& name) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? "" : found->second.text;
}

int64_t IntArgument(const GraphQlArguments& arguments,
                    const std::string& name) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? 0 : found->second.number;
}

class Repository final : public GraphQlObject {
 public:
  Repository(const GraphQlContext& context, const FakeRepository& repository)
      : context_(context), repository_(repository) {}

  std::string Type() const override { return "Repository"; }
  Resolved Resolve(const std::string& field,
                   const GraphQlArguments& arguments) const override {
    const RepoIdentity identity = repository_.identity();
    if (field == "nameWithOwner") return Resolved::String(identity.FullName());
    if (field == "name") return Resolved::String(identity.name);
    if (field == "url") return Resolved::String(identity.HtmlUrl());
    if (field == "pullRequest" || field == "issue" ||
        field == "issueOrPullRequest") {
      return Numbered(field, IntArgument(arguments, "number"));
    }
    if (field == "pullRequests" || field == "issues") {
      return Connection(field == "pullRequests", arguments);
    }
    return {};
  }

 private:
  Resolved Numbered(const std::string& field, int64_t number) const {
    const ItemPtr item = repository_.FindNumber(number);
    const bool fits =
        item != nullptr && (field == "issueOrPullRequest" ||
                            (field == "pullRequest") == item->is_pull);
    if (!fits) {
      return Resolved::Error(
          "NOT_FOUND",
          absl::StrCat("Could not resolve to ",
                       field == "pullRequest" ? "a PullRequest" : "an Issue",
                       " with the number of ", number, "."));
    }
    if (item->is_pull) {
      const auto failure = context_.failure(number);
      if (failure && failure->field.empty()) {
        return Resolved::Error(failure->type, failure->message);
      }
    }
    return Resolved::Object(IssueOrPullObject(context_, repository_, item));
  }

  Resolved Connection(bool pulls, const GraphQlArguments& arguments) const {
    // {field: UPDATED_AT | CREATED_AT, direction: ASC | DESC}
    bool by_update = false;
    bool descending = false;
    if (const auto order = arguments.find("orderBy");
        order != arguments.end()) {
      const auto& fields = order->second.object;
      by_update =
          fields.contains("field") && fields.at("field").text == "UPDATED_AT";
      descending =
          fields.contains("direction") && fields.at("direction").text == "DESC";
    }
    std::vector<std::pair<std::string, ItemPtr>> ordered;
    for (const ItemPtr& item : repository_.All(ItemKind::kIssue)) {
      if (item->is_pull != pulls) continue;
      const int64_t key = by_update ? item->updated : item->created;
      ordered.emplace_back(
          CursorOf(descending ? INT64_MAX - key : key, item->id), item);
    }
    std::sort(ordered.begin(), ordered.end());
    std::vector<GraphQlObjectPtr> nodes;
    std::vector<std::string> cursors;
    for (const auto& [cursor, item] : ordered) {
      cursors.push_back(cursor);
      nodes.push_back(IssueOrPullObject(context_, repository_, item));
    }
    return ConnectionOf(pulls ? "PullRequestConnection" : "IssueConnection",
                        std::move(nodes), cursors, arguments);
  }

  const GraphQlContext& context_;
  const FakeRepository& repository_;
};

class RateLimitObject final : public GraphQlObject {
 public:
  explicit RateLimitObject(const GraphQlContext& context) : context_(context) {}

  std::string Type() const override { return "RateLimit"; }
  Resolved Resolve(const std::string& field,
                   const GraphQlArguments&) const override {
    if (field == "cost") return Resolved::Int(context_.cost.points);
    if (field == "limit") return Resolved::Int(context_.rate.limit);
    if (field == "remaining") return Resolved::Int(context_.rate.remaining);
    if (field == "used") return Resolved::Int(context_.rate.used);
    if (field == "nodeCount") return Resolved::Int(context_.cost.nodes);
    if (field == "resetAt") return TimeOf(context_.rate.reset);
    return {};
  }

 private:
  const GraphQlContext& context_;
};

class Query final : public GraphQlObject {
 public:
  explicit Query(const GraphQlContext& context) : context_(context) {}

  std::string Type() const override { return "Query"; }
  Resolved Resolve(const std::string& field,
                   const GraphQlArguments& arguments) const override {
    if (field == "rateLimit") {
      return Resolved::Object(std::make_shared<RateLimitObject>(context_));
    }
    if (field == "viewer") return ActorOf(context_.login);
    if (field == "repository") return FindRepository(arguments);
    if (field == "node") return Node(StringArgument(arguments, "id"));
    if (field == "search") return Search(arguments);
    return {};
  }

 private:
  Resolved FindRepository(const GraphQlArguments& arguments) const {
    if (context_.forbidden) {
      return Resolved::Error(
          "FORBIDDEN", "Resource not accessible by personal access token");
    }
    const std::string name =
        absl::StrCat(StringArgument(arguments, "owner"), "/",
                     StringArgument(arguments, "name"));
    const auto found = context_.repositories.Find(name);
    if (!found) {
      return Resolved::Error(
          "NOT_FOUND",
          absl::StrCat("Could not resolve to a Repository with the name '",
                       name, "'."));
    }
    return Resolved::Object(
        std::make_shared<Repository>(context_, *found->repository));
  }

  Resolved Node(const std::string& id) const {
    for (const FakeRepository* repository : context_.repositories.All()) {
      for (const ItemPtr& item : repository->All(ItemKind::kReview)) {
        if (NodeIdOf("PullRequestReview", repository->identity(), item->id) ==
            id) {
          return Resolved::Object(ReviewObject(context_, *repository, item));
        }
      }
    }
    return Resolved::Error(
        "NOT_FOUND",
        absl::StrCat("Could not resolve to a node with the global id of '", id,
                     "'."));
  }

  Resolved Search(const GraphQlArguments& arguments) const {
    const auto results =
        FindIssues(context_.repositories, StringArgument(arguments, "query"));
    std::vector<GraphQlObjectPtr> nodes;
    std::vector<std::string> cursors;
    const size_t shown = context_.search_shows.value_or(results.size());
    for (size_t i = 0; i < std::min({results.size(), shown, kMaxSearchResults});
         ++i) {
      nodes.push_back(
          IssueOrPullObject(context_, *results[i].repository, results[i].item));
      cursors.push_back(CursorOf(0, static_cast<int64_t>(i)));
    }
    Resolved page = ConnectionOf("SearchResultItemConnection", std::move(nodes),
                                 cursors, arguments, "discussionCount");
    return Resolved::Object(
        std::make_shared<Counted>(page.object, results.size()));
  }

  // A search counts what it does not show.
  class Counted final : public GraphQlObject {
   public:
    Counted(GraphQlObjectPtr connection, size_t count)
        : connection_(std::move(connection)), count_(count) {}
    std::string Type() const override { return connection_->Type(); }
    Resolved Resolve(const std::string& field,
                     const GraphQlArguments& arguments) const override {
      if (field == "issueCount") {
        return Resolved::Int(static_cast<int64_t>(count_));
      }
      return connection_->Resolve(field, arguments);
    }

   private:
    const GraphQlObjectPtr connection_;
    const size_t count_;
  };

  const GraphQlContext& context_;
};

}  // namespace

GraphQlObjectPtr GraphQlRoot(const GraphQlContext& context) {
  return std::make_shared<Query>(context);
}

}  // namespace mentiond::fake_github
