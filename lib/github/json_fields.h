// Reads fields of JSON objects that came from the network. A field of another
// type than expected reads as missing.

#ifndef MENTIOND_LIB_GITHUB_JSON_FIELDS_H_
#define MENTIOND_LIB_GITHUB_JSON_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "rapidjson/document.h"

namespace mentiond {

// All pure, and nullopt (null) when the field is missing or is not as
// described, or when `object` is not a JSON object.
const rapidjson::Value* Find(const rapidjson::Value& object, const char* name);

std::optional<std::string_view> GetString(const rapidjson::Value& object,
                                          const char* name);

// A string that GitHub may give as null when it is empty, or leave out.
std::optional<std::string> GetNullableString(const rapidjson::Value& object,
                                             const char* name);

// A positive integer.
std::optional<int64_t> GetPositive(const rapidjson::Value& object,
                                   const char* name);

// RFC 3339, of the years 1970 to 9999.
std::optional<absl::Time> GetTime(const rapidjson::Value& object,
                                  const char* name);

// Printable ASCII of at most 2,048 bytes: it is passed on to clients.
std::optional<std::string> GetUrl(const rapidjson::Value& object,
                                  const char* name);

// The `title` of a pull request or issue. Empty: there is none, or one longer
// than GitHub's limit of 256 characters allows.
std::string TitleOf(const rapidjson::Value& object);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_JSON_FIELDS_H_
