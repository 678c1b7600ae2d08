// The resume token: the progress of a stream as printable text that a client
// keeps and sends back, to this server or another.
//
// A version, then base64 (RFC 4648, section 5) of the state
// (resume_state.proto) and a checksum. It contains no secret, and is bound to
// repository, user, sources and filters. It is not signed: a client that forges
// one gets what it requests, of what its GitHub token may read.

#ifndef MENTIOND_LIB_SUBSCRIPTION_RESUME_TOKEN_H_
#define MENTIOND_LIB_SUBSCRIPTION_RESUME_TOKEN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "lib/base/repo_name.h"
#include "lib/markdown/mention_target.h"
#include "lib/subscription/author_filter.h"
#include "lib/subscription/progress.h"
#include "lib/subscription/resume_state.pb.h"
#include "lib/subscription/sources.h"

namespace mentiond {

// The contract's limit, and what of it is left for the serialised state.
inline constexpr size_t kMaxResumeTokenBytes = 4096;
inline constexpr size_t kMaxResumeStateBytes = 3000;

// Identifies a subscription in its tokens: equal names, in any case, and equal
// sources and filters (null: none) give equal hashes.
uint64_t SubscriptionHash(const RepoName& repo, const MentionTarget& target,
                          const SourceSet& sources,
                          const AuthorFilter* filter = nullptr);

std::string EncodeResumeToken(const Progress& progress, uint64_t subscription);

// INVALID_ARGUMENT with the reason: damaged, of another version, or of another
// subscription.
absl::StatusOr<Progress> DecodeResumeToken(std::string_view token,
                                           uint64_t subscription);

// Encodes any state, valid or not.
std::string EncodeResumeState(const state::ResumeState& state);

}  // namespace mentiond

#endif  // MENTIOND_LIB_SUBSCRIPTION_RESUME_TOKEN_H_
