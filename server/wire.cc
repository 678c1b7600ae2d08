#include "server/wire.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "grpc/slice.h"
#include "grpcpp/support/slice.h"

#include "lib/base/secret.h"
#include "lib/base/status_reason.h"
#include "lib/base/utf8.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;

// The error for a request that protobuf cannot parse.
absl::Status ParseError(const std::string& bytes) {
  // A message without fields parses any fields, as unknown ones, without
  // validating their content.
  google::protobuf::Empty empty;
  if (empty.ParseFromString(bytes)) {
    const auto& fields = empty.GetReflection()->GetUnknownFields(empty);
    for (int i = 0; i < fields.field_count(); ++i) {
      const auto* field = SubscribeRequest::descriptor()->FindFieldByNumber(
          fields.field(i).number());
      if (field != nullptr &&
          field->type() == google::protobuf::FieldDescriptor::TYPE_STRING &&
          fields.field(i).type() ==
              google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED &&
          !IsUtf8(fields.field(i).length_delimited())) {
        return InvalidField(field->name(), "is not UTF-8");
      }
    }
  }
  return absl::InvalidArgumentError("the message is not a SubscribeRequest");
}

}  // namespace

absl::StatusOr<SubscribeRequest> ParseRequest(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) {
    return absl::InvalidArgumentError("the message cannot be read");
  }
  std::string joined;
  joined.reserve(bytes.Length());
  for (const grpc::Slice& slice : slices) {
    joined.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  SubscribeRequest request;
  absl::Status status;
  if (!request.ParseFromString(joined)) status = ParseError(joined);
  Wipe(joined);
  if (!status.ok()) return status;
  return request;
}

grpc::ByteBuffer SerializeResponse(
    const mentions::v1::SubscribeResponse& response) {
  const size_t bytes = response.ByteSizeLong();
  const grpc::Slice slice(grpc_slice_malloc(bytes), grpc::Slice::STEAL_REF);
  // Nobody else has seen the slice yet.
  response.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace mentiond
