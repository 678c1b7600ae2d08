// What a client has asked for, checked: from here on every field is valid.

#ifndef MENTIOND_LIB_STREAM_SUBSCRIPTION_H_
#define MENTIOND_LIB_STREAM_SUBSCRIPTION_H_

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "lib/base/login.h"
#include "lib/base/repo_name.h"
#include "lib/base/secret.h"
#include "lib/stream/resume_point.h"
#include "lib/stream/source_set.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

struct Subscription {
  RepoName repo;
  Login user;
  Secret token;
  std::optional<absl::Time> since;
  SourceSet sources;
  // Where to go on; nullopt: from the beginning.
  std::optional<ResumePoint> resume = std::nullopt;
};

// Checks a request. `authorization` is the call's metadata of that name, empty
// where there is none; it is used when the request has no token. `web_host` is
// where the configured GitHub shows its repositories. INVALID_ARGUMENT names
// the field and the reason, and never holds the token.
absl::StatusOr<Subscription> ParseSubscription(
    const mentions::v1::SubscribeRequest& request,
    std::string_view authorization, std::string_view web_host);

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_SUBSCRIPTION_H_
