// gRPC credentials whose certificates can be replaced while the server runs.

#ifndef MENTIOND_SERVER_TLS_CREDENTIALS_H_
#define MENTIOND_SERVER_TLS_CREDENTIALS_H_

#include <memory>

#include "grpcpp/security/server_credentials.h"

#include "server/certificates.h"

namespace mentiond {

// TLS; mutual if `certificates` has the clients' authorities. New connections
// use new certificates, open ones stay.
//
// By gRPC's C API: FileWatcherCertificateProvider, which does the same in C++,
// drops the old certificates in gRPC 1.51 before it knows whether the new ones
// are good.
std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(
    std::shared_ptr<Certificates> certificates);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_TLS_CREDENTIALS_H_
