// Messages as they are on the wire. gRPC's generated code would refuse a
// request with text that is not UTF-8 by itself, as if this method did not
// exist; here it is an error like others, which names the field.

#ifndef MENTIOND_SERVER_WIRE_H_
#define MENTIOND_SERVER_WIRE_H_

#include "absl/status/statusor.h"
#include "grpcpp/support/byte_buffer.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// INVALID_ARGUMENT for what is no request; nothing of it is in the words.
absl::StatusOr<mentions::v1::SubscribeRequest> ParseRequest(
    const grpc::ByteBuffer& bytes);

grpc::ByteBuffer SerializeResponse(
    const mentions::v1::SubscribeResponse& response);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_WIRE_H_
