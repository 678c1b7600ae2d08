#include "tests/fake_github/graphql_bodies.h"

#include <rapidjson/document.h>

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/render.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

using Resolved = GraphQlResolved;

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

}  // namespace

GraphQlResolved ActorOf(const std::string& login) {
  return Resolved::Object(login.empty() ? nullptr
                                        : std::make_shared<Actor>(login));
}

GraphQlResolved TimeOf(int64_t seconds) {
  return Resolved::String(seconds == 0 ? std::nullopt
                                       : std::optional(TimeText(seconds)));
}

std::string CursorOf(int64_t key, int64_t id) {
  return absl::StrFormat("cursor:%020d:%020d", key, id);
}

std::string NodeIdOf(const std::string& type, const RepoIdentity& repo,
                     int64_t id) {
  return absl::StrCat(type, "_", repo.id, "_", id);
}

GraphQlObjectPtr IssueOrPullObject(const GraphQlContext& context,
                                   const FakeRepository& repository,
                                   ItemPtr item) {
  return std::make_shared<IssueOrPull>(context, repository, std::move(item));
}

GraphQlObjectPtr ReviewObject(const GraphQlContext& context,
                              const FakeRepository& repository, ItemPtr item) {
  return std::make_shared<Review>(context, repository, std::move(item));
}

}  // namespace mentiond::fake_github
