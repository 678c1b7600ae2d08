// GitHub's REST endpoints: from a request to what GitHub would say to one whom
// it knows and who has points left. Caching headers, limits and faults are the
// business of the front (front.h).

#ifndef MENTIOND_TESTS_FAKE_GITHUB_REST_API_H_
#define MENTIOND_TESTS_FAKE_GITHUB_REST_API_H_

#include "tests/fake_github/api_request.h"
#include "tests/fake_github/repositories.h"

namespace mentiond::fake_github {

// The lists /issues, /issues/comments and /pulls/comments of a repository, by
// its name or id, with GitHub's `per_page`, `page`, `since`, `sort`,
// `direction` and `state` in, and a `Link` header out; a former name leads to
// the id. GitHub lets some unknown values of these pass; here all are refused,
// since a client that sends one is wrong.
ApiAnswer AnswerRest(const Repositories& repositories,
                     const ApiRequest& request);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_REST_API_H_
