#include "tests/fake_github/graphql_types.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/render.h"
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

// In the order of the keys as text.
std::string CursorOf(int64_t key, int64_t id) {
  return absl::StrFormat("cursor:%020d:%020d", key, id);
}

// The node ids that are needed: the kind and the id in plain text.
std::string NodeIdOf(const std::string& type, const RepoIdentity& repo,
                     int64_t id) {
  return absl::StrCat(type, "_", repo.id, "_", id);
}

int64_t ReviewIdOf(const Item& comment) {
  rapidjson::Document json;
  json.Parse(comment.json.data(), comment.json.size());
  return IntMember(json, "pull_request_review_id").value_or(0);
}

class Actor final : public GraphQlObject {
 public:
  explicit Actor(std::string login) : login_(std::move(login)) {}

  std::string Type() const override {
    return absl::EndsWith(login_, "[bot]") ? "Bot" : "User";
  }
  Resolved Resolve(const std::string& field,
                   const GraphQlArguments&) const override {
    // REST adds the suffix.
    const std::string login(absl::StripSuffix(login_, "[bot]"));
    if (field == "login") return Resolved::String(login);
    if (field == "id") return Resolved::String(absl::StrCat("U_", login));
    if (field == "url") {
      return Resolved::String(absl::StrCat("https://github.com/", login));
    }
    return {};
  }

 private:
  const std::string login_;
};

Resolved ActorOf(const std::string& login) {
  return Resolved::Object(login.empty() ? nullptr
                                        : std::make_shared<Actor>(login));
}

Resolved TimeOf(int64_t seconds) {
  return Resolved::String(seconds == 0 ? std::nullopt
                                       : std::optional(TimeText(seconds)));
}

// What descriptions, comments and reviews have in common.
class Written : public GraphQlObject {
 public:
  Written(const GraphQlContext& context, const FakeRepository& repository,
          ItemPtr item)
      : context_(context), repository_(repository), item_(std::move(item)) {
    json_.Parse(item_->json.data(), item_->json.size());
  }

  Resolved Resolve(const std::string& field,
                   const GraphQlArguments& arguments) const override {
    if (field == "id") {
      return Resolved::String(
          NodeIdOf(Type(), repository_.identity(), item_->id));
    }
    if (field == "fullDatabaseId") {
      return Resolved::String(absl::StrCat(Id()));
    }
    if (field == "databaseId") {
      // 32 bits.
      return Id() > INT32_MAX ? Resolved::Json("null") : Resolved::Int(Id());
    }
    if (field == "url")
      return Resolved::String(StringMember(json_, "html_url"));
    if (field == "body") return Resolved::String(item_->body);
    if (field == "author") return ActorOf(item_->author);
    if (field == "createdAt" || field == "publishedAt") {
      return TimeOf(item_->created);
    }
    if (field == "updatedAt") {
      return TimeOf(std::max(item_->updated, item_->last_edited));
    }
    if (field == "lastEditedAt") return TimeOf(item_->last_edited);
    return ResolveOwn(field, arguments);
  }

 protected:
  virtual int64_t Id() const { return item_->id; }
  virtual Resolved ResolveOwn(const std::string& field,
                              const GraphQlArguments& arguments) const = 0;

  // Those of a kind that belong to the same pull request, or issue.
  std::vector<ItemPtr> Siblings(ItemKind kind) const {
    FakeRepository::Query query;
    query.kind = kind;
    query.number = item_->number;
    query.limit = SIZE_MAX;
    return repository_.List(query).items;
  }
  template <typename T>
  Resolved ConnectionTo(const std::string& type,
                        const std::vector<ItemPtr>& items,
                        const GraphQlArguments& arguments) const;

  const GraphQlContext& context_;
  const FakeRepository& repository_;
  const ItemPtr item_;
  rapidjson::Document json_;
};

template <typename T>
Resolved Written::ConnectionTo(const std::string& type,
                               const std::vector<ItemPtr>& items,
                               const GraphQlArguments& arguments) const {
  std::vector<GraphQlObjectPtr> nodes;
  std::vector<std::string> cursors;
  for (const ItemPtr& item : items) {
    nodes.push_back(std::make_shared<T>(context_, repository_, item));
    cursors.push_back(CursorOf(0, item->id));
  }
  return ConnectionOf(type, std::move(nodes), cursors, arguments);
}

class IssueComment final : public Written {
 public:
  using Written::Written;
  std::string Type() const override { return "IssueComment"; }

 private:
  Resolved ResolveOwn(const std::string&,
                      const GraphQlArguments&) const override {
    return {};
  }
};

class ReviewComment final : public Written {
 public:
  using Written::Written;
  std::string Type() const override { return "PullRequestReviewComment"; }

 private:
  Resolved ResolveOwn(const std::string& field,
                      const GraphQlArguments&) const override {
    if (field == "path") return Resolved::String(StringMember(json_, "path"));
    return {};
  }
};

class Review final : public Written {
 public:
  using Written::Written;
  std::string Type() const override { return "PullRequestReview"; }

 private:
  Resolved ResolveOwn(const std::string& field,
                      const GraphQlArguments& arguments) const override {
    if (field == "state") return Resolved::String(StringMember(json_, "state"));
    if (field == "submittedAt") return TimeOf(item_->created);
    if (field == "comments") {
      std::vector<ItemPtr> items;
      for (const ItemPtr& comment : Siblings(ItemKind::kReviewComment)) {
        if (ReviewIdOf(*comment) == item_->id) items.push_back(comment);
      }
      return ConnectionTo<ReviewComment>("PullRequestReviewCommentConnection",
                                         items, arguments);
    }
    return {};
  }
};

class IssueOrPull final : public Written {
 public:
  using Written::Written;
  std::string Type() const override {
    return item_->is_pull ? "PullRequest" : "Issue";
  }

 private:
  // Of a pull request, what /pulls shows; /issues has another for it.
  int64_t Id() const override {
    if (!item_->is_pull) return item_->id;
    rapidjson::Document pull;
    pull.Parse(item_->pull_json.data(), item_->pull_json.size());
    return IntMember(pull, "id").value_or(item_->id);
  }

  // Every review comment belongs to a review, but exports leave out those that
  // say nothing themselves.
  std::vector<ItemPtr> Reviews() const {
    std::map<int64_t, ItemPtr> reviews;
    for (const ItemPtr& review : Siblings(ItemKind::kReview)) {
      reviews[review->id] = review;
    }
    for (const ItemPtr& comment : Siblings(ItemKind::kReviewComment)) {
      ItemPtr& review = reviews[ReviewIdOf(*comment)];
      if (review != nullptr) continue;
      auto silent = std::make_shared<Item>(*comment);
      silent->id = ReviewIdOf(*comment);
      silent->body.clear();
      silent->json = RenderReview(repository_.identity(),
                                  {.id = silent->id,
                                   .number = silent->number,
                                   .author = silent->author,
                                   .body = "",
                                   .created = silent->created,
                                   .updated = silent->updated},
                                  "COMMENTED");
      review = std::move(silent);
    }
    std::vector<ItemPtr> all;
    for (const auto& [id, review] : reviews) all.push_back(review);
    return all;
  }

  Resolved ResolveOwn(const std::string& field,
                      const GraphQlArguments& arguments) const override {
    if (item_->is_pull) {
      const auto failure = context_.failure(item_->number);
      if (failure && failure->field == field) {
        return Resolved::Error(failure->type, failure->message);
      }
    }
    if (field == "number") return Resolved::Int(item_->number);
    if (field == "title") {
      return Resolved::String(StringMember(json_, "title").value_or(""));
    }
    if (field == "state") {
      return Resolved::String(item_->open ? "OPEN" : "CLOSED");
    }
    if (field == "comments") {
      return ConnectionTo<IssueComment>("IssueCommentConnection",
                                        Siblings(ItemKind::kIssueComment),
                                        arguments);
    }
    if (!item_->is_pull) return {};
    if (field == "isDraft") return Resolved::Bool(false);
    if (field == "reviews") {
      return ConnectionTo<Review>("PullRequestReviewConnection", Reviews(),
                                  arguments);
    }
    return {};
  }
};

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
    return Resolved::Object(
        std::make_shared<IssueOrPull>(context_, repository_, item));
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
      nodes.push_back(
          std::make_shared<IssueOrPull>(context_, repository_, item));
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
          return Resolved::Object(
              std::make_shared<Review>(context_, *repository, item));
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
      nodes.push_back(std::make_shared<IssueOrPull>(
          context_, *results[i].repository, results[i].item));
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
