// A token's public fingerprint, by which operators find it again: the one that
// GitHub's audit log shows as `hashed_token`.
// https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/identifying-audit-log-events-performed-by-an-access-token

#ifndef MENTIOND_LIB_BASE_HASHED_TOKEN_H_
#define MENTIOND_LIB_BASE_HASHED_TOKEN_H_

#include <cstddef>
#include <string>

#include "lib/base/secret.h"

namespace mentiond {

// Base64 of the SHA-256 of the token; "-" without one. The same in every
// process, unlike Secret::Fingerprint(). Of a made-up token it says what the
// token is to whoever can guess it; GitHub's have too many bits for that.
std::string HashedToken(const Secret& token);

// How many of its characters are shown where the whole one is too long.
inline constexpr size_t kShownOfHashedToken = 8;

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_HASHED_TOKEN_H_
