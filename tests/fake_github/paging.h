// GitHub's way with lists: `per_page`, `page`, `since`, `sort` and
// `direction` in, a `Link` header out.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_PAGING_H_
#define MENTIOND_TESTS_FAKE_GITHUB_PAGING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tests/fake_github/api_request.h"
#include "tests/fake_github/fake_repository.h"

namespace mentiond::fake_github {

struct PageParams {
  size_t per_page = 30;
  size_t page = 1;

  size_t Offset() const { return (page - 1) * per_page; }
};

// What is no positive number counts as not given; more than 100 a page are
// 100, as on GitHub.
PageParams ParsePageParams(const ApiRequest& request);

// The lists that take different parameters.
enum class ListKind {
  kIssues,              // /issues
  kPulls,               // /pulls
  kAllComments,         // /issues/comments and /pulls/comments
  kPullReviewComments,  // /pulls/{n}/comments
  kIssueComments,       // /issues/{n}/comments
  kReviews,             // /pulls/{n}/reviews
};

// The query that `request` makes (except kind and number), or the 422
// that a bad value earns. GitHub lets some unknown values of `sort`,
// `direction` and `state` pass; here all are refused, since a client that
// sends one is wrong.
std::variant<FakeRepository::Query, ApiAnswer> ParseListQuery(
    ListKind kind, const ApiRequest& request);

// The value of the `Link` header, or "" where GitHub sends none (all fits on
// one page). `path` is what stands between the base URL and the query.
std::string LinkHeader(const ApiRequest& request, std::string_view path,
                       const PageParams& params, size_t total);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_PAGING_H_
