// GitHub's endpoints: from a request to what GitHub would say to one whom it
// knows and who has points left. Caching headers, limits and faults are the
// business of the front (front.h).

#ifndef MENTIOND_TESTS_FAKE_GITHUB_API_H_
#define MENTIOND_TESTS_FAKE_GITHUB_API_H_

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fake_github/api_request.h"
#include "tests/fake_github/paging.h"
#include "tests/fake_github/repositories.h"

namespace mentiond::fake_github {

// Safe to use from any thread.
class Api {
 public:
  // `repositories` must outlive this object.
  explicit Api(const Repositories& repositories)
      : repositories_(repositories) {}

  // `login` is whom the token belongs to; empty without a token.
  ApiAnswer Handle(const ApiRequest& request, const std::string& login) const;

  // Pages that end behind this many items of a list are refused with 422, as
  // GitHub does. By default 30,000; 10,000 for /issues (both reported).
  void SetDeepPagingLimit(size_t items) {
    max_items_ = items;
    max_issues_ = items;
  }

 private:
  ApiAnswer HandleRepository(const ApiRequest& request,
                             const FakeRepository& repository,
                             const std::vector<std::string>& rest) const;
  ApiAnswer HandleList(const ApiRequest& request,
                       const FakeRepository& repository,
                       const std::vector<std::string>& rest, ListKind list,
                       ItemKind kind, int64_t number) const;

  const Repositories& repositories_;
  std::atomic<size_t> max_items_ = 30'000;
  std::atomic<size_t> max_issues_ = 10'000;
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_API_H_
