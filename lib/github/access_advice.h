// What GitHub's refusals say about how to get access: single sign-on, the
// permissions of fine-grained and App tokens, the scopes of classic ones.
// https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps

#ifndef MENTIOND_LIB_GITHUB_ACCESS_ADVICE_H_
#define MENTIOND_LIB_GITHUB_ACCESS_ADVICE_H_

#include "absl/status/status.h"

#include "lib/http/http.h"

namespace mentiond {

// `status`, that of a response with these headers, with what they say added to
// its message and, for programs, as reason and metadata:
//   GITHUB_SSO_REQUIRED               sso_url
//   GITHUB_TOKEN_LACKS_SCOPE          scopes, accepted_scopes
//   GITHUB_TOKEN_LACKS_PERMISSION     accepted_permissions
// Only for 403 and 404, which is how GitHub hides what a token may not see; a
// 404 keeps its reason. Pure; headers that are malformed or too long count as
// absent.
absl::Status WithAccessAdvice(absl::Status status, const HttpHeaders& headers);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_ACCESS_ADVICE_H_
