#include "tests/fake_github/graphql_types.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/render.h"
#include "tests/fake_github/search.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

using Resolved = GraphQlResolved;
using Arguments = GraphQlArguments;

// A DateTime; null for 0.
std::string TimeJson(int64_t seconds) {
  return seconds == 0 ? "null" : QuotedJson(TimeText(seconds));
}

// An account; null without a login, as for one that was deleted.
GraphQlObjectPtr ActorObject(const std::string& login) {
  if (login.empty()) return nullptr;
  return MakeObject(
      absl::EndsWith(login, "[bot]") ? "Bot" : "User",
      [login](const std::string& field, const Arguments&) -> Resolved {
        if (field != "login") return NoSuchField();
        // REST adds the suffix.
        return QuotedJson(std::string(absl::StripSuffix(login, "[bot]")));
      });
}

// Something written in a repository. Copied into the function that resolves its
// fields; `context` and `repository` outlive that.
struct Text {
  const GraphQlContext& context;
  const FakeRepository& repository;
  ItemPtr item;

  std::string TypeName() const {
    switch (item->kind) {
      case ItemKind::kIssueComment:
        return "IssueComment";
      case ItemKind::kReviewComment:
        return "PullRequestReviewComment";
      case ItemKind::kReview:
        return "PullRequestReview";
      case ItemKind::kIssue:
        break;
    }
    return item->is_pull ? "PullRequest" : "Issue";
  }
  // The kind, the repository and the id in plain text.
  std::string NodeId() const {
    return absl::StrCat(TypeName(), "_", repository.identity().id, "_",
                        item->id);
  }
  GraphQlObjectPtr Object() const {
    return MakeObject(TypeName(), [text = *this](const std::string& field,
                                                 const Arguments& arguments) {
      return text.Resolve(field, arguments);
    });
  }

  Resolved Resolve(const std::string& field, const Arguments& arguments) const {
    if (item->kind == ItemKind::kIssue && item->is_pull) {
      if (auto failure = context.failure(item->number, field)) return *failure;
    }
    if (field == "id") return QuotedJson(NodeId());
    if (field == "url") {
      return QuotedJson(HtmlUrl(repository.identity(), *item));
    }
    if (field == "body") return QuotedJson(item->body.value_or(""));
    if (field == "author") return ActorObject(item->author);
    if (field == "createdAt") return TimeJson(item->created);
    if (field == "updatedAt") return TimeJson(item->updated);
    if (field == "lastEditedAt") return TimeJson(item->last_edited);
    if (field == "fullDatabaseId") {
      const bool pull = item->kind == ItemKind::kIssue && item->is_pull;
      return QuotedJson(absl::StrCat(pull ? item->pull_id : item->id));
    }
    if (item->kind == ItemKind::kReview) return OfReview(field, arguments);
    if (item->kind == ItemKind::kIssue) return OfIssue(field, arguments);
    return NoSuchField();
  }

  Resolved OfReview(const std::string& field,
                    const Arguments& arguments) const {
    if (field == "state") return QuotedJson(item->state);
    if (field == "submittedAt") return TimeJson(item->created);
    if (field != "comments") return NoSuchField();
    std::vector<ItemPtr> comments = Siblings(ItemKind::kReviewComment);
    std::erase_if(comments, [&](const ItemPtr& comment) {
      return comment->review_id != item->id;
    });
    return ConnectionTo("PullRequestReviewCommentConnection", comments,
                        arguments);
  }

  Resolved OfIssue(const std::string& field, const Arguments& arguments) const {
    if (field == "number") return absl::StrCat(item->number);
    if (field == "title") return QuotedJson(item->title);
    if (field == "state")
      return QuotedJson(item->merged != 0 ? "MERGED"
                        : item->open      ? "OPEN"
                                          : "CLOSED");
    if (field == "comments") {
      return ConnectionTo("IssueCommentConnection",
                          Siblings(ItemKind::kIssueComment), arguments);
    }
    if (field == "reviews" && item->is_pull) {
      return ConnectionTo("PullRequestReviewConnection", Reviews(), arguments);
    }
    return NoSuchField();
  }

  // Those of a kind that belong to the same pull request, or issue.
  std::vector<ItemPtr> Siblings(ItemKind kind) const {
    return repository.List({.kind = kind, .number = item->number}).items;
  }

  // Every review comment belongs to a review, but exports leave out those that
  // say nothing themselves.
  std::vector<ItemPtr> Reviews() const {
    std::map<int64_t, ItemPtr> reviews;
    for (const ItemPtr& review : Siblings(ItemKind::kReview)) {
      reviews[review->id] = review;
    }
    for (const ItemPtr& comment : Siblings(ItemKind::kReviewComment)) {
      ItemPtr& review = reviews[comment->review_id];
      if (review != nullptr) continue;
      auto silent = std::make_shared<Item>(*comment);
      silent->kind = ItemKind::kReview;
      silent->id = comment->review_id;
      silent->body = "";
      silent->state = "COMMENTED";
      review = std::move(silent);
    }
    std::vector<ItemPtr> all;
    for (const auto& [id, review] : reviews) all.push_back(review);
    return all;
  }

  // To items by ascending id.
  Resolved ConnectionTo(const std::string& type,
                        const std::vector<ItemPtr>& items,
                        const Arguments& arguments) const {
    std::vector<std::pair<int64_t, GraphQlObjectPtr>> nodes;
    for (const ItemPtr& one : items) {
      nodes.emplace_back(one->id, Text{context, repository, one}.Object());
    }
    return ConnectionOf(type, std::move(nodes), arguments);
  }
};

Resolved OfRepository(const GraphQlContext& context,
                      const FakeRepository& repository,
                      const std::string& field, const Arguments& arguments) {
  const bool wants_pull = field == "pullRequest";
  if (!wants_pull && field != "issue") return NoSuchField();
  const int64_t number = IntArgument(arguments, "number");
  const ItemPtr item = repository.FindNumber(number);
  if (item == nullptr || item->is_pull != wants_pull) {
    return GraphQlFailure{
        "NOT_FOUND", absl::StrCat("Could not resolve to ",
                                  wants_pull ? "a PullRequest" : "an Issue",
                                  " with the number of ", number, ".")};
  }
  if (wants_pull) {
    if (auto failure = context.failure(number, "")) return *failure;
  }
  return Text{context, repository, item}.Object();
}

Resolved RepositoryOf(const GraphQlContext& context,
                      const Arguments& arguments) {
  if (context.forbidden) {
    return GraphQlFailure{"FORBIDDEN",
                          "Resource not accessible by personal access token"};
  }
  const std::string name = absl::StrCat(StringArgument(arguments, "owner"), "/",
                                        StringArgument(arguments, "name"));
  const FakeRepository* found = context.repositories.Find(name).repository;
  if (found == nullptr) {
    return GraphQlFailure{
        "NOT_FOUND",
        absl::StrCat("Could not resolve to a Repository with the name '", name,
                     "'.")};
  }
  return MakeObject("Repository", [&context, found](const std::string& field,
                                                    const Arguments& below) {
    return OfRepository(context, *found, field, below);
  });
}

// Only reviews.
Resolved NodeOf(const GraphQlContext& context, const std::string& id) {
  const std::vector<std::string> parts = absl::StrSplit(id, '_');
  int64_t repository_id = 0;
  int64_t review_id = 0;
  if (parts.size() == 3 && parts[0] == "PullRequestReview" &&
      absl::SimpleAtoi(parts[1], &repository_id) &&
      absl::SimpleAtoi(parts[2], &review_id)) {
    const FakeRepository* repository =
        context.repositories.FindById(repository_id);
    const ItemPtr review = repository == nullptr
                               ? nullptr
                               : repository->Find(ItemKind::kReview, review_id);
    if (review != nullptr) return Text{context, *repository, review}.Object();
  }
  return GraphQlFailure{
      "NOT_FOUND",
      absl::StrCat("Could not resolve to a node with the global id of '", id,
                   "'.")};
}

Resolved SearchOf(const GraphQlContext& context, const Arguments& arguments) {
  const FoundIssues found =
      FindIssues(context.repositories, StringArgument(arguments, "query"));
  const size_t shown =
      std::min({found.items.size(), kMaxSearchResults,
                context.search_shows.value_or(kMaxSearchResults)});
  std::vector<std::pair<int64_t, GraphQlObjectPtr>> nodes;
  for (size_t i = 0; i < shown; ++i) {
    nodes.emplace_back(
        i, Text{context, *found.repository, found.items[i]}.Object());
  }
  // A search counts what it does not show.
  return ConnectionOf("SearchResultItemConnection", std::move(nodes), arguments,
                      "issueCount", found.items.size());
}

Resolved OfRateLimit(const GraphQlContext& context, const std::string& field) {
  if (field == "cost") return absl::StrCat(context.points);
  if (field == "limit") return absl::StrCat(context.rate.limit);
  if (field == "remaining") {
    return absl::StrCat(context.rate.remaining - context.points);
  }
  if (field == "resetAt") return TimeJson(context.rate.reset);
  return NoSuchField();
}

}  // namespace

GraphQlObjectPtr GraphQlRoot(const GraphQlContext& context) {
  return MakeObject(
      "Query",
      [&context](const std::string& field,
                 const Arguments& arguments) -> Resolved {
        if (field == "repository") return RepositoryOf(context, arguments);
        if (field == "node") {
          return NodeOf(context, StringArgument(arguments, "id"));
        }
        if (field == "search") return SearchOf(context, arguments);
        if (field != "rateLimit") return NoSuchField();
        return MakeObject(
            "RateLimit", [&context](const std::string& name, const Arguments&) {
              return OfRateLimit(context, name);
            });
      });
}

}  // namespace mentiond::fake_github
