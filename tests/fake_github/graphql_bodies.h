// GitHub's GraphQL types of what people write, as objects that resolve their
// fields: pull requests, issues, reviews, comments, and their authors.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_BODIES_H_
#define MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_BODIES_H_

#include <cstdint>
#include <string>

#include "tests/fake_github/fake_repository.h"
#include "tests/fake_github/graphql_executor.h"
#include "tests/fake_github/graphql_types.h"

namespace mentiond::fake_github {

// `context` and `repository` outlive the objects.
GraphQlObjectPtr IssueOrPullObject(const GraphQlContext& context,
                                   const FakeRepository& repository,
                                   ItemPtr item);
GraphQlObjectPtr ReviewObject(const GraphQlContext& context,
                              const FakeRepository& repository, ItemPtr item);

// An account; null without a login, as for one that was deleted.
GraphQlResolved ActorOf(const std::string& login);

// Seconds since 1970 as a DateTime; null for 0.
GraphQlResolved TimeOf(int64_t seconds);

// Cursors are in the order of the keys, then of the ids, as text.
std::string CursorOf(int64_t key, int64_t id);

// The node ids that are needed: the kind and the id in plain text.
std::string NodeIdOf(const std::string& type, const RepoIdentity& repo,
                     int64_t id);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_GRAPHQL_BODIES_H_
