// One response as a line of JSON, for programs.

#ifndef MENTIOND_CLIENT_JSON_LINE_H_
#define MENTIOND_CLIENT_JSON_LINE_H_

#include <string>

#include "absl/status/statusor.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// `response` in protobuf's JSON mapping (lowerCamelCase names, fields with
// their default values left out, 64-bit numbers as strings), without white
// space, and a line end. INTERNAL where it has no JSON form, as a timestamp
// after the year 9999.
absl::StatusOr<std::string> JsonLine(
    const ::mentions::v1::SubscribeResponse& response);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_JSON_LINE_H_
