#include "tests/fake_github/api.h"

#include <variant>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/render.h"
#include "tests/fake_github/search.h"

namespace mentiond::fake_github {
namespace {

int64_t NumberOrZero(const std::string& text) {
  int64_t number;
  return absl::SimpleAtoi(text, &number) && number > 0 ? number : 0;
}

// "/repositories/7/issues" and so on.
std::string PathById(const FakeRepository& repository,
                     const std::vector<std::string>& rest) {
  std::string path = absl::StrCat("/repositories/", repository.identity().id);
  if (!rest.empty()) absl::StrAppend(&path, "/", absl::StrJoin(rest, "/"));
  return path;
}

ApiAnswer MovedPermanently(const ApiRequest& request,
                           const FakeRepository& repository,
                           const std::vector<std::string>& rest) {
  std::string location =
      absl::StrCat(request.base_url, PathById(repository, rest));
  if (request.target.size() > request.path.size()) {
    absl::StrAppend(&location, request.target.substr(request.path.size()));
  }
  ApiAnswer answer;
  answer.status = 301;
  answer.headers.emplace_back("Location", location);
  answer.body = JsonObject()
                    .Str("message", "Moved Permanently")
                    .Str("url", location)
                    .Str("documentation_url",
                         "https://docs.github.com/v3/#http-redirects")
                    .Take();
  return answer;
}

ApiAnswer JsonAnswer(std::string json) {
  ApiAnswer answer;
  answer.body = std::move(json);
  return answer;
}

}  // namespace

ApiAnswer Api::Handle(const ApiRequest& request,
                      const std::string& login) const {
  if (request.method != "GET" && request.method != "HEAD") return NotFound();
  // The path starts with '/', so the first part is empty.
  const std::vector<std::string> parts = absl::StrSplit(request.path, '/');
  if (parts.size() >= 4 && parts[1] == "repos") {
    const auto found =
        repositories_.Find(absl::StrCat(parts[2], "/", parts[3]));
    if (!found.has_value()) return NotFound();
    const std::vector<std::string> rest(parts.begin() + 4, parts.end());
    return found->moved ? MovedPermanently(request, *found->repository, rest)
                        : HandleRepository(request, *found->repository, rest);
  }
  if (parts.size() >= 3 && parts[1] == "repositories") {
    const FakeRepository* repository =
        repositories_.FindById(NumberOrZero(parts[2]));
    if (repository == nullptr) return NotFound();
    return HandleRepository(
        request, *repository,
        std::vector<std::string>(parts.begin() + 3, parts.end()));
  }
  if (request.path == "/search/issues") {
    return SearchIssues(repositories_, request);
  }
  if (request.path == "/user") {
    if (login.empty()) {
      return ErrorAnswer(401, "Requires authentication",
                         "https://docs.github.com/rest/users/users");
    }
    return JsonAnswer(RenderAuthenticatedUser(login));
  }
  return NotFound();
}

ApiAnswer Api::HandleRepository(const ApiRequest& request,
                                const FakeRepository& repository,
                                const std::vector<std::string>& rest) const {
  const auto list = [&](ListKind kind, ItemKind items, int64_t number) {
    return HandleList(request, repository, rest, kind, items, number);
  };
  if (rest.empty()) return JsonAnswer(repository.Json());
  const bool pulls = rest[0] == "pulls";
  if (!pulls && rest[0] != "issues") return NotFound();
  if (rest.size() == 1) {
    return list(pulls ? ListKind::kPulls : ListKind::kIssues, ItemKind::kIssue,
                0);
  }
  if (rest.size() == 2 && rest[1] == "comments") {
    return list(ListKind::kAllComments,
                pulls ? ItemKind::kReviewComment : ItemKind::kIssueComment, 0);
  }
  const int64_t number = NumberOrZero(rest[1]);
  const ItemPtr item = repository.FindNumber(number);
  if (item == nullptr || (pulls && !item->is_pull)) return NotFound();
  if (rest.size() == 2) {
    return JsonAnswer(pulls ? item->pull_full_json : item->json);
  }
  if (rest.size() == 3 && rest[2] == "comments") {
    return pulls ? list(ListKind::kPullReviewComments, ItemKind::kReviewComment,
                        number)
                 : list(ListKind::kIssueComments, ItemKind::kIssueComment,
                        number);
  }
  if (rest.size() == 3 && rest[2] == "reviews" && pulls) {
    return list(ListKind::kReviews, ItemKind::kReview, number);
  }
  return NotFound();
}

ApiAnswer Api::HandleList(const ApiRequest& request,
                          const FakeRepository& repository,
                          const std::vector<std::string>& rest, ListKind list,
                          ItemKind kind, int64_t number) const {
  std::variant<FakeRepository::Query, ApiAnswer> parsed =
      ParseListQuery(list, request);
  if (auto* refused = std::get_if<ApiAnswer>(&parsed)) return *refused;
  FakeRepository::Query query = std::get<FakeRepository::Query>(parsed);
  query.kind = kind;
  if (number != 0) query.number = number;
  const PageParams params = ParsePageParams(request);
  const size_t deepest =
      kind == ItemKind::kIssue ? max_issues_.load() : max_items_.load();
  if (params.Offset() + params.per_page > deepest && params.page > 1) {
    return ErrorAnswer(
        422,
        "In order to keep the API fast for everyone, pagination is limited "
        "for this resource.",
        "https://docs.github.com/v3/#pagination");
  }

  const FakeRepository::Page page = repository.List(query);
  ApiAnswer answer;
  size_t size = 2;
  const auto text = [list](const ItemPtr& item) -> const std::string& {
    return list == ListKind::kPulls ? item->pull_json : item->json;
  };
  for (const ItemPtr& item : page.items) size += text(item).size() + 1;
  answer.body.reserve(size);
  answer.body += '[';
  for (const ItemPtr& item : page.items) {
    if (answer.body.size() > 1) answer.body += ',';
    answer.body += text(item);
  }
  answer.body += ']';
  const std::string link =
      LinkHeader(request, PathById(repository, rest), params, page.total);
  if (!link.empty()) answer.headers.emplace_back("Link", link);
  return answer;
}

}  // namespace mentiond::fake_github
