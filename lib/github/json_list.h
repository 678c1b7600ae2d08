// Walks over a JSON list that came from elsewhere, so that an element which no
// parser can represent is left out and the others are not lost with it.

#ifndef MENTIOND_LIB_GITHUB_JSON_LIST_H_
#define MENTIOND_LIB_GITHUB_JSON_LIST_H_

#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "rapidjson/document.h"

namespace mentiond {

// Parses any text, however deep its nesting; look at HasParseError().
rapidjson::Document ParseJson(std::string_view json);

// Calls `visit` with each element of the list `json`, in order. For an element
// that is JSON by its grammar but has a text that is not Unicode (not UTF-8,
// half of a surrogate pair) or a number beyond a double, it is null.
//
// UNAVAILABLE for everything else that is no JSON list, such as one cut short;
// some elements may have been visited then. Its words hold nothing of `json`.
absl::Status ForEachElement(
    std::string_view json,
    absl::FunctionRef<void(const rapidjson::Value*)> visit);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_JSON_LIST_H_
