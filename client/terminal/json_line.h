// Formats a response as a line of JSON, for programs.

#ifndef MENTIOND_CLIENT_JSON_LINE_H_
#define MENTIOND_CLIENT_JSON_LINE_H_

#include <string>

#include "absl/status/statusor.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// `response` in protobuf's JSON mapping (lowerCamelCase names, fields with
// default values omitted, 64-bit integers as strings), without whitespace and
// followed by a newline. INTERNAL if it cannot be represented in JSON, for
// example because of a timestamp after the year 9999.
absl::StatusOr<std::string> JsonLine(
    const ::mentions::v1::SubscribeResponse& response);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_JSON_LINE_H_
