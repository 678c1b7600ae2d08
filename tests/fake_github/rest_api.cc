#include "tests/fake_github/rest_api.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "tests/fake_github/fake_repository.h"
#include "tests/fake_github/json_text.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

constexpr size_t kMaxPerPage = 100;
// Pages beyond this overflow no arithmetic and are refused or empty anyway.
constexpr size_t kMaxPage = 1'000'000'000;
// Pages that end behind this many items of a list are refused (both numbers
// were reported).
constexpr size_t kDeepestIssue = 10'000;
constexpr size_t kDeepestComment = 30'000;

using ListQuery = FakeRepository::Query;

// What is no positive number counts as not given.
size_t PositiveOr(const ApiRequest& request, const char* key,
                  size_t otherwise) {
  uint64_t value = 0;
  if (!absl::SimpleAtoi(request.Query(key).value_or(""), &value) ||
      value == 0) {
    return otherwise;
  }
  return std::min<uint64_t>(value, kMaxPage);
}

// The query that `request` makes of a kind; or the name of a parameter with a
// bad value in `wrong`.
ListQuery ParseListQuery(const ApiRequest& request, ItemKind kind,
                         std::string& wrong) {
  // The value of a parameter, which must be one of `known`.
  const auto one_of = [&](const char* key, const std::string& otherwise,
                          std::vector<std::string> known) {
    const std::string value = request.Query(key).value_or(otherwise);
    if (std::find(known.begin(), known.end(), value) == known.end()) {
      wrong = key;
    }
    return value;
  };
  const bool of_issues = kind == ItemKind::kIssue;
  ListQuery query;
  query.kind = kind;
  query.limit = std::min(kMaxPerPage, PositiveOr(request, "per_page", 30));
  query.offset = (PositiveOr(request, "page", 1) - 1) * query.limit;
  if (const auto since = request.Query("since")) {
    query.since = ParseTimeText(*since);
    if (!query.since) wrong = "since";
  }
  query.by_updated =
      one_of("sort", "created", {"created", "updated"}) == "updated";
  const std::string direction =
      one_of("direction", of_issues ? "desc" : "asc", {"asc", "desc"});
  // Lists of comments ignore `direction` without `sort`.
  query.descending =
      direction == "desc" && (of_issues || request.Query("sort"));
  if (of_issues) {
    const std::string state =
        one_of("state", "open", {"open", "closed", "all"});
    if (state != "all") query.open = state == "open";
  }
  return query;
}

// The value of the `Link` header, or "" where GitHub sends none (all fits on
// one page). `path` is what stands between the base URL and the query.
std::string LinkHeader(const ApiRequest& request, const std::string& path,
                       const ListQuery& query, size_t total) {
  const size_t page = query.offset / query.limit + 1;
  const size_t last =
      std::max<size_t>(1, (total + query.limit - 1) / query.limit);
  std::vector<std::string> links;
  const auto add = [&](size_t to, absl::string_view rel) {
    std::vector<std::string> fields;
    for (const auto& [key, value] : request.query) {
      fields.push_back(absl::StrCat(
          EncodeQueryText(key), "=",
          key == "page" ? absl::StrCat(to) : EncodeQueryText(value)));
    }
    if (!request.Query("page")) fields.push_back(absl::StrCat("page=", to));
    links.push_back(absl::StrCat("<", request.base_url, path, "?",
                                 absl::StrJoin(fields, "&"), ">; rel=\"", rel,
                                 "\""));
  };
  if (page > 1) add(std::min(page - 1, last), "prev");
  if (page < last) {
    add(page + 1, "next");
    add(last, "last");
  }
  if (page > 1) add(1, "first");
  return absl::StrJoin(links, ", ");
}

ApiAnswer List(const ApiRequest& request, const FakeRepository& repository,
               ItemKind kind, const std::string& path) {
  std::string wrong;
  const ListQuery query = ParseListQuery(request, kind, wrong);
  if (!wrong.empty()) {
    return ErrorAnswer(422, absl::StrCat("Validation Failed: ", wrong));
  }
  if (query.offset > 0 &&
      query.offset + query.limit >
          (kind == ItemKind::kIssue ? kDeepestIssue : kDeepestComment)) {
    return ErrorAnswer(
        422,
        "In order to keep the API fast for everyone, pagination is limited "
        "for this resource.");
  }
  const FakeRepository::Page page = repository.List(query);
  ApiAnswer answer;
  for (const ItemPtr& item : page.items) {
    absl::StrAppend(&answer.body, answer.body.empty() ? "[" : ",", item->json);
  }
  absl::StrAppend(&answer.body, answer.body.empty() ? "[]" : "]");
  const std::string link = LinkHeader(request, path, query, page.total);
  if (!link.empty()) answer.headers.emplace_back("Link", link);
  return answer;
}

std::optional<ItemKind> KindOf(const std::string& list) {
  if (list == "issues") return ItemKind::kIssue;
  if (list == "issues/comments") return ItemKind::kIssueComment;
  if (list == "pulls/comments") return ItemKind::kReviewComment;
  return std::nullopt;
}

}  // namespace

ApiAnswer AnswerRest(const Repositories& repositories,
                     const ApiRequest& request) {
  // The path starts with '/', so the first part is empty.
  std::vector<std::string> parts = absl::StrSplit(request.path, '/');
  Repositories::Found found;
  if (parts.size() > 4 && parts[1] == "repos") {
    found = repositories.Find(absl::StrCat(parts[2], "/", parts[3]));
    parts.erase(parts.begin(), parts.begin() + 4);
  } else if (parts.size() > 3 && parts[1] == "repositories") {
    int64_t id = 0;
    if (absl::SimpleAtoi(parts[2], &id)) {
      found.repository = repositories.FindById(id);
    }
    parts.erase(parts.begin(), parts.begin() + 3);
  }
  const std::string list = absl::StrJoin(parts, "/");
  const std::optional<ItemKind> kind = KindOf(list);
  if (request.method != "GET" || found.repository == nullptr || !kind) {
    return ErrorAnswer(404, "Not Found");
  }
  const std::string by_id = absl::StrCat(
      "/repositories/", found.repository->identity().id, "/", list);
  if (!found.moved) return List(request, *found.repository, *kind, by_id);
  ApiAnswer answer = ErrorAnswer(301, "Moved Permanently");
  answer.headers.emplace_back(
      "Location", absl::StrCat(request.base_url, by_id,
                               request.target.substr(request.path.size())));
  return answer;
}

}  // namespace mentiond::fake_github
