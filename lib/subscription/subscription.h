// What a client has subscribed to: a request that has been validated.

#ifndef MENTIOND_LIB_SUBSCRIPTION_SUBSCRIPTION_H_
#define MENTIOND_LIB_SUBSCRIPTION_SUBSCRIPTION_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"

#include "lib/base/repo_name.h"
#include "lib/base/secret.h"
#include "lib/markdown/mention_target.h"
#include "lib/subscription/author_filter.h"
#include "lib/subscription/progress.h"
#include "lib/subscription/sources.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

struct Subscription {
  RepoName repo;
  MentionTarget target;
  Secret token;
  SourceSet sources;
  std::shared_ptr<const AuthorFilter> filter;  // null: none
  // Where to start, or to resume.
  Progress progress;
};

// Validates a request. `authorization` is the call's metadata of that name, or
// empty; it is used when the request has no token. `web_host` is the host of
// the configured GitHub's web pages. Errors: INVALID_ARGUMENT names the field
// and the reason, and never contains the token.
absl::StatusOr<Subscription> ParseSubscription(
    const mentions::v1::SubscribeRequest& request,
    std::string_view authorization, std::string_view web_host);

// The token of a request, or else of that metadata; empty: there is none.
// Errors as ParseSubscription's.
absl::StatusOr<Secret> TokenOf(const mentions::v1::SubscribeRequest& request,
                               std::string_view authorization);

}  // namespace mentiond

#endif  // MENTIOND_LIB_SUBSCRIPTION_SUBSCRIPTION_H_
