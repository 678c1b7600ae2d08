// How the program's connection is encrypted.

#ifndef MENTIOND_CLIENT_TERMINAL_TLS_H_
#define MENTIOND_CLIENT_TERMINAL_TLS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/security/credentials.h"

#include "client/terminal/options.h"

namespace mentiond::terminal {

// Null: not at all. NOT_FOUND if a file cannot be read.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(
    const Options& options);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_TLS_H_
