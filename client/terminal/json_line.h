// Formats a response as a line of JSON, for programs.

#ifndef MENTIOND_CLIENT_TERMINAL_JSON_LINE_H_
#define MENTIOND_CLIENT_TERMINAL_JSON_LINE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond::terminal {

// `response` in protobuf's JSON mapping (lowerCamelCase names, fields with
// default values omitted, 64-bit integers as strings), without whitespace and
// followed by a newline. `repo`, unless it is empty, becomes a first member of
// that name, which tells apart the lines of several streams. INTERNAL if the
// response cannot be represented in JSON, for example because of a timestamp
// after the year 9999.
absl::StatusOr<std::string> JsonLine(
    std::string_view repo, const ::mentions::v1::SubscribeResponse& response);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_JSON_LINE_H_
