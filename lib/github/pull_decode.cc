#include "lib/github/pull_decode.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "rapidjson/document.h"

#include "lib/base/strings.h"
#include "lib/github/decode.h"
#include "lib/github/json_fields.h"
#include "lib/github/json_list.h"
#include "lib/github/pull_query.h"
#include "lib/github/response_status.h"

namespace mentiond {
namespace {

using rapidjson::Value;

// A BigInt: a string of digits.
std::optional<int64_t> GetId(const Value& node) {
  if (const auto number = GetPositive(node, "fullDatabaseId")) return number;
  const auto digits = GetString(node, "fullDatabaseId");
  int64_t id = 0;
  if (!digits || !absl::SimpleAtoi(ToAbsl(*digits), &id) || id <= 0) {
    return std::nullopt;
  }
  return id;
}

// As REST shows it: bots end in `[bot]`, which GraphQL leaves out.
std::optional<std::string> GetAuthor(const Value& node) {
  const Value* author = Find(node, "author");
  if (author == nullptr || author->IsNull()) return std::string();
  const auto login = GetString(*author, "login");
  if (!login) return std::nullopt;
  std::string name(*login);
  if (GetString(*author, "__typename") == "Bot" &&
      !absl::EndsWith(name, "[bot]")) {
    name += "[bot]";
  }
  return name;
}

// Collects what one response holds.
class Collector {
 public:
  explicit Collector(PullPage& page) : page_(page) {}

  // What `part` selects of a pull request, an issue or a review.
  void AddPart(const PullRequestPart& part, const Value& value) {
    const int64_t number = part.number;
    SetContext(value);
    switch (part.part) {
      case PullPart::kPull:
        AddDescription(Source::SOURCE_PULL_REQUEST, value);
        AddReviews(number, value, /*nested=*/false);
        break;
      case PullPart::kIssue:
        AddDescription(Source::SOURCE_ISSUE, value);
        break;
      case PullPart::kReviews:
        AddReviews(number, value, /*nested=*/false);
        break;
      case PullPart::kReviewsAndComments:
        AddReviews(number, value, /*nested=*/true);
        break;
      case PullPart::kPullComments:
        AddComments(Source::SOURCE_PULL_REQUEST_COMMENT,
                    PullPart::kPullComments, number, value);
        break;
      case PullPart::kIssueComments:
        AddComments(Source::SOURCE_ISSUE_COMMENT, PullPart::kIssueComments,
                    number, value);
        break;
      case PullPart::kReviewComments:
        AddReviewComments(number, part.node_id, value);
        break;
    }
  }

  // A node of a search.
  void AddResult(const Value& node) {
    const auto number = GetPositive(node, "number");
    if (!number) {
      ++page_.skipped;
      return;
    }
    ++page_.results;
    SetContext(node);
    if (GetString(node, "__typename") == "PullRequest") {
      AddDescription(Source::SOURCE_PULL_REQUEST, node);
      AddReviews(*number, node, /*nested=*/true);
      AddComments(Source::SOURCE_PULL_REQUEST_COMMENT, PullPart::kPullComments,
                  *number, node);
    } else {
      AddDescription(Source::SOURCE_ISSUE, node);
      AddComments(Source::SOURCE_ISSUE_COMMENT, PullPart::kIssueComments,
                  *number, node);
    }
  }

 private:
  // What the pull request or issue says of itself, for all that is on it. A
  // review that is read by itself says nothing of it.
  void SetContext(const Value& node) {
    title_ = TitleOf(node);
    // An issue's state is of another type, so it has another name in a query.
    auto state = GetString(node, "state");
    if (!state) state = GetString(node, "issueState");
    state_ = state == "OPEN"     ? mentions::v1::PULL_STATE_OPEN
             : state == "CLOSED" ? mentions::v1::PULL_STATE_CLOSED
             : state == "MERGED" ? mentions::v1::PULL_STATE_MERGED
                                 : mentions::v1::PULL_STATE_UNSPECIFIED;
  }

  // What all of them have; the rest is the caller's to fill in.
  std::optional<Item> Common(Source source, int64_t number, const Value& node) {
    Item item;
    const auto id = GetId(node);
    auto author = GetAuthor(node);
    auto body = GetNullableString(node, "body");
    auto url = GetUrl(node, "url");
    if (!id || !author || !body || !url) return std::nullopt;
    item.source = source;
    item.id = *id;
    item.number = number;
    item.author = *std::move(author);
    item.body = *std::move(body);
    item.url = *std::move(url);
    item.title = title_;
    item.state = state_;
    return item;
  }

  void Add(std::optional<Item> item, std::optional<absl::Time> created,
           std::optional<absl::Time> changed) {
    if (!item || !created) {
      ++page_.skipped;
      return;
    }
    item->created_at = *created;
    item->updated_at = std::max(*created, changed.value_or(*created));
    page_.items.push_back(*std::move(item));
  }

  void AddDescription(Source source, const Value& node) {
    const auto number = GetPositive(node, "number");
    Add(number ? Common(source, *number, node) : std::nullopt,
        GetTime(node, "createdAt"), GetTime(node, "lastEditedAt"));
  }

  void AddReviews(int64_t number, const Value& parent, bool nested) {
    const PullPart rest =
        nested ? PullPart::kReviewsAndComments : PullPart::kReviews;
    ForEachNode(parent, "reviews", {.part = rest, .number = number},
                [&](const Value& review) {
                  if (GetString(review, "state") == "PENDING") return;
                  Add(Common(Source::SOURCE_REVIEW, number, review),
                      GetTime(review, "submittedAt"),
                      GetTime(review, "lastEditedAt"));
                  if (!nested) return;
                  AddReviewComments(
                      number, GetString(review, "id").value_or(""), review);
                });
  }

  void AddReviewComments(int64_t number, std::string_view review,
                         const Value& parent) {
    ForEachNode(parent, "comments",
                {.part = PullPart::kReviewComments,
                 .number = number,
                 .node_id = std::string(review)},
                [&](const Value& comment) {
                  Add(Common(Source::SOURCE_REVIEW_COMMENT, number, comment),
                      GetTime(comment, "createdAt"),
                      GetTime(comment, "updatedAt"));
                });
  }

  void AddComments(Source source, PullPart rest, int64_t number,
                   const Value& parent) {
    ForEachNode(parent, "comments", {.part = rest, .number = number},
                [&](const Value& comment) {
                  Add(Common(source, number, comment),
                      GetTime(comment, "createdAt"),
                      GetTime(comment, "updatedAt"));
                });
  }

  // Visits the nodes of a connection and notes where it continues: at `rest`.
  template <typename Visit>
  void ForEachNode(const Value& parent, const char* name, PullRequestPart rest,
                   Visit visit) {
    const Value* connection = Find(parent, name);
    const Value* nodes =
        connection == nullptr ? nullptr : Find(*connection, "nodes");
    const Value* page_info =
        connection == nullptr ? nullptr : Find(*connection, "pageInfo");
    if (nodes == nullptr || !nodes->IsArray() || page_info == nullptr) {
      // Not what the schema promises.
      page_.unread.push_back({.part = rest.part, .number = rest.number});
      page_.failure = absl::StrCat("GitHub returned no ", name);
      return;
    }
    for (const Value& node : nodes->GetArray()) visit(node);
    const Value* more = Find(*page_info, "hasNextPage");
    if (more == nullptr || !more->IsTrue()) return;
    rest.after = std::string(GetString(*page_info, "endCursor").value_or(""));
    const bool is_readable =
        IsQueryable(rest.after) &&
        (rest.part != PullPart::kReviewComments || IsQueryable(rest.node_id));
    if (is_readable) {
      page_.more.push_back(std::move(rest));
    } else {
      page_.unread.push_back({.part = rest.part, .number = rest.number});
      page_.failure = "GitHub returned a malformed cursor";
    }
  }

  PullPage& page_;
  std::string title_;
  mentions::v1::PullState state_ = mentions::v1::PULL_STATE_UNSPECIFIED;
};

absl::Status StatusOfError(const Value& error) {
  const std::string message = absl::StrCat(
      "GitHub's GraphQL API: ", PrintableMessage(GetString(error, "message")));
  const std::string_view type = GetString(error, "type").value_or("");
  if (type == "RATE_LIMITED" || HasSecondaryLimitWords(message)) {
    return absl::ResourceExhaustedError(message);
  }
  if (type == "RESOURCE_LIMITS_EXCEEDED" || type == "MAX_NODE_LIMIT_EXCEEDED" ||
      absl::StrContains(message, "timeout")) {
    return absl::DeadlineExceededError(message);
  }
  if (type == "FORBIDDEN" || type == "INSUFFICIENT_SCOPES") {
    return absl::PermissionDeniedError(message);
  }
  if (type == "NOT_FOUND") return absl::NotFoundError(message);
  // Validation against GitHub's schema: an older Enterprise Server.
  if (type.empty() && Find(error, "extensions") != nullptr) {
    return absl::UnimplementedError(message);
  }
  return absl::UnavailableError(message);
}

// The index of the alias nI; nullopt: another name.
std::optional<size_t> AliasIndex(const Value& name) {
  size_t index = 0;
  if (!name.IsString() || name.GetStringLength() < 2 ||
      name.GetString()[0] != 'n' ||
      !absl::SimpleAtoi(name.GetString() + 1, &index)) {
    return std::nullopt;
  }
  return index;
}

// Which part an error belongs to; nullopt: to the whole query.
std::optional<size_t> PartOfError(const Value& error) {
  const Value* path = Find(error, "path");
  if (path == nullptr || !path->IsArray()) return std::nullopt;
  for (const Value& step : path->GetArray()) {
    if (const auto index = AliasIndex(step)) return index;
  }
  return std::nullopt;
}

absl::StatusOr<rapidjson::Document> Parse(std::string_view json) {
  rapidjson::Document document = ParseJson(json);
  if (document.HasParseError() || !document.IsObject()) {
    return absl::UnavailableError(
        "GitHub's GraphQL API: the response is not a JSON object");
  }
  return document;
}

void SetRateLimit(const Value& data, DecodedPulls& decoded) {
  const Value* rate = Find(data, "rateLimit");
  if (rate == nullptr) return;
  decoded.cost = GetPositive(*rate, "cost").value_or(1);
  const auto limit = GetPositive(*rate, "limit");
  const Value* remaining = Find(*rate, "remaining");
  const auto reset = GetTime(*rate, "resetAt");
  if (!limit || remaining == nullptr || !remaining->IsInt64() || !reset) return;
  decoded.rate_limit = RateLimit{
      .limit = *limit,
      .remaining = std::clamp<int64_t>(remaining->GetInt64(), 0, *limit),
      .reset = *reset};
}

const Value* DataOf(const rapidjson::Document& document) {
  const Value* data = Find(document, "data");
  return data != nullptr && data->IsObject() ? data : nullptr;
}

}  // namespace

absl::StatusOr<DecodedPulls> DecodeParts(
    std::string_view json, const std::vector<PullRequestPart>& parts) {
  const auto document = Parse(json);
  if (!document.ok()) return document.status();
  DecodedPulls decoded;
  std::vector<const Value*> errors(parts.size(), nullptr);
  if (const Value* list = Find(*document, "errors");
      list != nullptr && list->IsArray()) {
    for (const Value& error : list->GetArray()) {
      const std::optional<size_t> part = PartOfError(error);
      if (!part || *part >= parts.size()) return StatusOfError(error);
      errors[*part] = &error;
    }
  }
  const Value* data = DataOf(*document);
  if (data == nullptr) {
    return absl::UnavailableError("GitHub's GraphQL API returned no data");
  }
  SetRateLimit(*data, decoded);
  const Value* repository = Find(*data, "repository");
  Collector collector(decoded.page);
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string alias = absl::StrCat("n", i);
    const bool at_top = parts[i].part == PullPart::kReviewComments;
    const Value* value = nullptr;
    if (at_top) {
      value = Find(*data, alias.c_str());
    } else if (repository != nullptr) {
      value = Find(*repository, alias.c_str());
    }
    if (value == nullptr) {
      return absl::UnavailableError(
          "GitHub's GraphQL API left out a part of the query");
    }
    if (errors[i] != nullptr) {
      // A pull request that has been deleted has nothing left to read.
      if (value->IsNull() && GetString(*errors[i], "type") == "NOT_FOUND") {
        continue;
      }
      decoded.page.unread.push_back(parts[i]);
      decoded.page.failure = std::string(StatusOfError(*errors[i]).message());
    } else if (!value->IsNull()) {
      collector.AddPart(parts[i], *value);
    }
  }
  return decoded;
}

absl::StatusOr<DecodedPulls> DecodeSearch(std::string_view json) {
  const auto document = Parse(json);
  if (!document.ok()) return document.status();
  const Value* data = DataOf(*document);
  const Value* search = data == nullptr ? nullptr : Find(*data, "search");
  if (const Value* errors = Find(*document, "errors");
      errors != nullptr && errors->IsArray() && !errors->Empty()) {
    const absl::Status status = StatusOfError((*errors)[0]);
    // An error beside results means that some may be missing.
    return search != nullptr && search->IsObject() &&
                   !absl::IsResourceExhausted(status)
               ? absl::DataLossError(status.message())
               : status;
  }
  const Value* nodes = search == nullptr ? nullptr : Find(*search, "nodes");
  const Value* count =
      search == nullptr ? nullptr : Find(*search, "issueCount");
  const Value* page_info =
      search == nullptr ? nullptr : Find(*search, "pageInfo");
  if (nodes == nullptr || !nodes->IsArray() || count == nullptr ||
      !count->IsInt64() || page_info == nullptr) {
    return absl::UnavailableError(
        "GitHub's GraphQL API returned no search results");
  }
  DecodedPulls decoded;
  SetRateLimit(*data, decoded);
  decoded.page.result_count = count->GetInt64();
  Collector collector(decoded.page);
  for (const Value& node : nodes->GetArray()) collector.AddResult(node);
  const Value* more = Find(*page_info, "hasNextPage");
  if (more != nullptr && more->IsTrue()) {
    decoded.page.next_cursor =
        std::string(GetString(*page_info, "endCursor").value_or(""));
    if (!IsQueryable(decoded.page.next_cursor)) {
      return absl::UnavailableError(
          "GitHub's GraphQL API returned a malformed cursor");
    }
  }
  return decoded;
}

}  // namespace mentiond
