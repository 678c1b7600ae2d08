// Iterates over a JSON array from the network, so that an element which cannot
// be represented is left out without losing the others.

#ifndef MENTIOND_LIB_GITHUB_JSON_LIST_H_
#define MENTIOND_LIB_GITHUB_JSON_LIST_H_

#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "rapidjson/document.h"

namespace mentiond {

// Parses any input, however deeply nested; check HasParseError().
rapidjson::Document ParseJson(std::string_view json);

// Calls `visit` with each element of the array `json`, in order; with null for
// an element that is valid by JSON's grammar but has a string that is not
// Unicode (not UTF-8, half of a surrogate pair) or a number beyond a double.
//
// UNAVAILABLE if `json` is not a JSON array otherwise, for example if it is cut
// short; some elements may have been visited then. The message contains nothing
// of `json`.
absl::Status ForEachElement(
    std::string_view json,
    absl::FunctionRef<void(const rapidjson::Value*)> visit);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_JSON_LIST_H_
