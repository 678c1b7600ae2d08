#include "client/terminal/json_line.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"

#include "lib/base/strings.h"

namespace mentiond::terminal {
namespace {

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = false;
  options.preserve_proto_field_names = false;
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    return absl::InternalError(
        absl::StrCat("cannot convert a response to JSON: ", status.ToString()));
  }
  return json;
}

}  // namespace

absl::StatusOr<std::string> JsonLine(
    std::string_view repo, const ::mentions::v1::SubscribeResponse& response) {
  absl::StatusOr<std::string> line = ToJson(response);
  if (!line.ok()) return line;
  if (!repo.empty()) {
    google::protobuf::Value name;
    name.set_string_value(std::string(repo));
    const absl::StatusOr<std::string> quoted = ToJson(name);
    if (!quoted.ok()) return quoted;
    line->insert(
        1, absl::StrCat("\"repo\":", *quoted, line->size() > 2 ? "," : ""));
  }
  line->push_back('\n');
  return line;
}

}  // namespace mentiond::terminal
