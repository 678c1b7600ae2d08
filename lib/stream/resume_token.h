// The resume token: how far a stream has come, as printable text that a client
// keeps and sends back, to this server or another.
//
// A version, then base64 (RFC 4648, section 5) of the state
// (resume_state.proto) and a checksum. It holds no secret, and is bound to
// repository, user and sources. It is not signed: a client that makes one up
// gets what it asks for, of what its token may see.

#ifndef MENTIOND_LIB_STREAM_RESUME_TOKEN_H_
#define MENTIOND_LIB_STREAM_RESUME_TOKEN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "lib/base/login.h"
#include "lib/base/repo_name.h"
#include "lib/mention/resume_state.pb.h"
#include "lib/stream/resume_point.h"
#include "lib/stream/source_set.h"

namespace mentiond {

// The contract's limit, and what of it is left for the serialised state.
inline constexpr size_t kMaxResumeTokenBytes = 4096;
inline constexpr size_t kMaxResumeStateBytes = 3000;

// Names a subscription in its tokens: equal names and sources, whatever their
// case, give equal numbers.
uint64_t SubscriptionHash(const RepoName& repo, const Login& user,
                          const SourceSet& sources);

std::string EncodeResumeToken(const ResumePoint& point, uint64_t subscription);

// INVALID_ARGUMENT with the reason: damaged, of another version, or of another
// subscription.
absl::StatusOr<ResumePoint> DecodeResumeToken(std::string_view token,
                                              uint64_t subscription);

// The text of a state, whatever it says.
std::string EncodeResumeState(const state::ResumeState& state);

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_RESUME_TOKEN_H_
