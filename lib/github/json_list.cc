#include "lib/github/json_list.h"

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rapidjson/error/en.h"

namespace mentiond {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// Well-formed as far as brackets go, but with a value that cannot be
// represented. A retry would not help.
bool IsUnrepresentable(rapidjson::ParseErrorCode code) {
  return code == rapidjson::kParseErrorStringInvalidEncoding ||
         code == rapidjson::kParseErrorStringUnicodeSurrogateInvalid ||
         code == rapidjson::kParseErrorNumberTooBig;
}

absl::Status NotJson(const rapidjson::Document& document,
                     std::string_view json) {
  return absl::UnavailableError(absl::StrCat(
      "GitHub's response is not JSON: ",
      rapidjson::GetParseError_En(document.GetParseError()), " at byte ",
      document.GetErrorOffset(), " of ", json.size()));
}

// Whether a string in `json`, which RapidJSON has parsed, has the second half
// of a surrogate pair without the first. RapidJSON refuses only the first
// without the second, and makes bytes of this one that are not UTF-8.
bool HasLoneSurrogate(std::string_view json) {
  // Backslashes occur only in strings, and escapes are complete.
  for (size_t i = json.find('\\'); i != json.npos; i = json.find('\\', i)) {
    const std::string_view escape = json.substr(i, 4);  // `\udXX` but for XX
    if (escape.size() < 4 || escape[1] != 'u' ||
        (escape[2] != 'd' && escape[2] != 'D')) {
      i += 2;
    } else if (std::string_view("cdefCDEF").find(escape[3]) != json.npos) {
      return true;
    } else if (std::string_view("89abAB").find(escape[3]) != json.npos) {
      i += 12;  // A first half, with its second.
    } else {
      i += 6;
    }
  }
  return false;
}

// The index after the string that starts at json[begin] with a quote.
size_t EndOfText(std::string_view json, size_t begin) {
  for (size_t i = begin + 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return json.size();
}

// The elements of a list, as they stand there, by nothing but brackets, quotes
// and commas; nullopt where it isn't closed, or is no list at all.
std::optional<std::vector<std::string_view>> SplitList(std::string_view json) {
  const size_t open = json.find_first_not_of(kBlanks);
  if (open == std::string_view::npos || json[open] != '[') return std::nullopt;
  std::vector<std::string_view> elements;
  size_t begin = open + 1;
  size_t depth = 1;
  for (size_t i = begin; i < json.size();) {
    const char c = json[i];
    if (c == '"') {
      i = EndOfText(json, i);
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth == 0 || (depth == 1 && c == ',')) {
      elements.push_back(json.substr(begin, i - begin));
      begin = i + 1;
    }
    ++i;
    if (depth == 0) {
      const bool closed =
          c == ']' && json.find_first_not_of(kBlanks, i) == json.npos;
      return closed ? std::optional(std::move(elements)) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

rapidjson::Document ParseJson(std::string_view json) {
  rapidjson::Document document;
  const auto parse = [&document](std::string_view text) {
    // Iterative: an array nested 10,000 deep must not use up the stack.
    document.Parse<rapidjson::kParseIterativeFlag |
                   rapidjson::kParseValidateEncodingFlag>(text.data(),
                                                          text.size());
  };
  parse(json);
  if (document.HasParseError()) return document;
  // Two things that RapidJSON accepts. There is no way to set an error, so it
  // parses another input with the same error.
  if (json.find('\0') != json.npos) {
    parse("0 0");  // it took the zero byte for the end
  } else if (HasLoneSurrogate(json)) {
    parse(R"("\ud800")");
  }
  return document;
}

absl::Status ForEachElement(
    std::string_view json,
    absl::FunctionRef<void(const rapidjson::Value*)> visit) {
  const rapidjson::Document document = ParseJson(json);
  if (!document.HasParseError()) {
    if (!document.IsArray()) {
      return absl::UnavailableError("GitHub's response is not a JSON array");
    }
    for (const rapidjson::Value& element : document.GetArray()) visit(&element);
    return absl::OkStatus();
  }
  if (!IsUnrepresentable(document.GetParseError())) {
    return NotJson(document, json);
  }
  const auto texts = SplitList(json);
  if (!texts) return NotJson(document, json);
  for (const std::string_view text : *texts) {
    const rapidjson::Document element = ParseJson(text);
    if (!element.HasParseError()) {
      visit(&element);
    } else if (IsUnrepresentable(element.GetParseError())) {
      visit(nullptr);
    } else {
      return NotJson(element, text);
    }
  }
  return absl::OkStatus();
}

}  // namespace mentiond
