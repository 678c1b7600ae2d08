#include "client/json_line.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"

namespace mentiond {

absl::StatusOr<std::string> JsonLine(
    const ::mentions::v1::SubscribeResponse& response) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = false;
  options.preserve_proto_field_names = false;
  std::string line;
  const auto status =
      google::protobuf::util::MessageToJsonString(response, &line, options);
  if (!status.ok()) {
    return absl::InternalError(
        absl::StrCat("cannot convert a response to JSON: ", status.ToString()));
  }
  line.push_back('\n');
  return line;
}

}  // namespace mentiond
