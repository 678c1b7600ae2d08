// Parses and serializes messages. gRPC's generated code would reject a request
// with a string that is not UTF-8 as if the method did not exist; parsing it
// here makes it an ordinary error that names the field.

#ifndef MENTIOND_SERVER_WIRE_H_
#define MENTIOND_SERVER_WIRE_H_

#include "absl/status/statusor.h"
#include "grpcpp/support/byte_buffer.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// INVALID_ARGUMENT if `bytes` is not a valid request; the message does not
// contain any of it.
absl::StatusOr<mentions::v1::SubscribeRequest> ParseRequest(
    const grpc::ByteBuffer& bytes);

grpc::ByteBuffer SerializeResponse(
    const mentions::v1::SubscribeResponse& response);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_WIRE_H_
