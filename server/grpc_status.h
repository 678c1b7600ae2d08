// absl::Status, which our rooms speak, as gRPC's own, with the details that
// programs act on.

#ifndef MENTIOND_SERVER_GRPC_STATUS_H_
#define MENTIOND_SERVER_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace mentiond {

// The codes are the same numbers in both:
// https://grpc.github.io/grpc/core/md_doc_statuscodes.html. An error has an
// ErrorInfo of domain "mentiond"; one of a field a BadRequest; one that passes
// a RetryInfo.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_GRPC_STATUS_H_
