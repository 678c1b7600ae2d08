// Converts absl::Status to grpc::Status, with error details for programs.

#ifndef MENTIOND_SERVER_GRPC_STATUS_H_
#define MENTIOND_SERVER_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace mentiond {

// The numeric codes are identical:
// https://grpc.github.io/grpc/core/md_doc_statuscodes.html. Errors other than
// CANCELLED have an ErrorInfo with the domain "mentiond", if a reason is known.
// Errors about a request field also have a BadRequest, and transient ones a
// RetryInfo.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_GRPC_STATUS_H_
