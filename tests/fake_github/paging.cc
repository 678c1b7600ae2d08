#include "tests/fake_github/paging.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

constexpr size_t kMaxPerPage = 100;
// Pages beyond this overflow no arithmetic and are refused or empty anyway.
constexpr size_t kMaxPage = 1'000'000'000;

size_t PositiveOr(const ApiRequest& request, std::string_view key,
                  size_t otherwise) {
  const std::optional<std::string> text = request.Query(key);
  uint64_t value;
  if (!text.has_value() || !absl::SimpleAtoi(*text, &value) || value == 0) {
    return otherwise;
  }
  return std::min<uint64_t>(value, kMaxPage);
}

const char* ResourceName(ListKind kind) {
  switch (kind) {
    case ListKind::kIssues:
      return "Issue";
    case ListKind::kPulls:
      return "PullRequest";
    case ListKind::kAllComments:
    case ListKind::kIssueComments:
      return "IssueComment";
    case ListKind::kPullReviewComments:
    case ListKind::kReviews:
      return "PullRequestReviewComment";
  }
  return "";
}

bool TakesSince(ListKind kind) {
  return kind != ListKind::kPulls && kind != ListKind::kReviews;
}

bool TakesSort(ListKind kind) {
  return kind != ListKind::kIssueComments && kind != ListKind::kReviews;
}

// False: no such order.
bool ParseSort(ListKind kind, std::string_view sort,
               FakeRepository::Query& query) {
  const bool of_issues = kind == ListKind::kIssues || kind == ListKind::kPulls;
  if (sort == "updated") {
    query.order = FakeRepository::Order::kUpdated;
  } else if (sort == "created" || (sort == "created_at" && !of_issues) ||
             (sort == "long-running" && kind == ListKind::kPulls)) {
    query.order = FakeRepository::Order::kCreated;
  } else if ((sort == "comments" && kind == ListKind::kIssues) ||
             (sort == "popularity" && kind == ListKind::kPulls)) {
    query.order = FakeRepository::Order::kComments;
  } else {
    return false;
  }
  return true;
}

}  // namespace

PageParams ParsePageParams(const ApiRequest& request) {
  PageParams params;
  params.per_page = std::min(kMaxPerPage, PositiveOr(request, "per_page", 30));
  params.page = PositiveOr(request, "page", 1);
  return params;
}

std::variant<FakeRepository::Query, ApiAnswer> ParseListQuery(
    ListKind kind, const ApiRequest& request) {
  const auto bad = [kind](std::string_view field) {
    return ValidationFailed(ResourceName(kind), field);
  };
  FakeRepository::Query query;
  const PageParams params = ParsePageParams(request);
  query.offset = params.Offset();
  query.limit = params.per_page;

  const std::optional<std::string> since = request.Query("since");
  if (since.has_value() && TakesSince(kind)) {
    query.since = ParseTimeText(*since);
    if (!query.since.has_value()) return bad("since");
  }

  const bool of_issues = kind == ListKind::kIssues || kind == ListKind::kPulls;
  const std::optional<std::string> sort = request.Query("sort");
  if (TakesSort(kind)) {
    if (of_issues) query.order = FakeRepository::Order::kCreated;
    if (sort.has_value() && !ParseSort(kind, *sort, query)) return bad("sort");
    // Lists of comments ignore `direction` without `sort`; /issues descends by
    // default; /pulls does unless sorted by something else.
    const std::string otherwise =
        kind == ListKind::kIssues || (kind == ListKind::kPulls &&
                                      sort.value_or("created") == "created")
            ? "desc"
            : "asc";
    const std::string direction =
        of_issues || sort.has_value()
            ? request.Query("direction").value_or(otherwise)
            : otherwise;
    if (direction != "asc" && direction != "desc") return bad("direction");
    query.descending = direction == "desc";
  } else if (kind == ListKind::kReviews) {
    query.order = FakeRepository::Order::kCreated;
  }

  if (of_issues) {
    query.pulls_only = kind == ListKind::kPulls;
    const std::string state = request.Query("state").value_or("open");
    if (state != "open" && state != "closed" && state != "all") {
      return bad("state");
    }
    if (state != "all") query.open = state == "open";
  }
  return query;
}

std::string LinkHeader(const ApiRequest& request, std::string_view path,
                       const PageParams& params, size_t total) {
  const size_t last =
      std::max<size_t>(1, (total + params.per_page - 1) / params.per_page);
  std::vector<std::string> links;
  const auto add = [&](size_t page, absl::string_view rel) {
    std::string query;
    bool has_page = false;
    for (const auto& [key, value] : request.query) {
      if (key == "page") has_page = true;
      absl::StrAppend(
          &query, query.empty() ? "?" : "&", EncodeQueryText(key), "=",
          key == "page" ? absl::StrCat(page) : EncodeQueryText(value));
    }
    if (!has_page) {
      absl::StrAppend(&query, query.empty() ? "?" : "&", "page=", page);
    }
    links.push_back(absl::StrCat("<", request.base_url,
                                 absl::string_view(path.data(), path.size()),
                                 query, ">; rel=\"", rel, "\""));
  };
  if (params.page > 1) add(std::min(params.page - 1, last), "prev");
  if (params.page < last) {
    add(params.page + 1, "next");
    add(last, "last");
  }
  if (params.page > 1) add(1, "first");
  return absl::StrJoin(links, ", ");
}

}  // namespace mentiond::fake_github
