// absl::Status, which our rooms speak, as gRPC's own.

#ifndef MENTIOND_SERVER_GRPC_STATUS_H_
#define MENTIOND_SERVER_GRPC_STATUS_H_

#include <string>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace mentiond {

// The codes are the same numbers in both:
// https://grpc.github.io/grpc/core/md_doc_statuscodes.html
inline grpc::Status ToGrpcStatus(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      std::string(status.message()));
}

}  // namespace mentiond

#endif  // MENTIOND_SERVER_GRPC_STATUS_H_
