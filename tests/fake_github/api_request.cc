#include "tests/fake_github/api_request.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string DecodeQueryText(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
    } else if (text[i] == '%' && i + 2 < text.size() &&
               HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0) {
      decoded +=
          static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

}  // namespace

std::optional<std::string> ApiRequest::Query(std::string_view key) const {
  for (const auto& [name, value] : query) {
    if (name == key) return value;
  }
  return std::nullopt;
}

void ParseTarget(std::string_view target, ApiRequest& request) {
  if (const size_t authority = target.find("://");
      authority < target.find('/')) {
    const size_t path = target.find('/', authority + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  request.target = target;
  const size_t question = target.find('?');
  request.path = target.substr(0, question);
  request.query.clear();
  if (question == std::string_view::npos) return;
  const absl::string_view query(target.data() + question + 1,
                                target.size() - question - 1);
  for (const absl::string_view field :
       absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(field, absl::MaxSplits('=', 1));
    request.query.emplace_back(DecodeQueryText(parts.first),
                               DecodeQueryText(parts.second));
  }
}

std::string TokenOf(std::string_view authorization) {
  const absl::string_view text(authorization.data(), authorization.size());
  for (const absl::string_view scheme : {"Bearer ", "token "}) {
    if (absl::StartsWithIgnoreCase(text, scheme)) {
      return std::string(
          absl::StripAsciiWhitespace(text.substr(scheme.size())));
    }
  }
  return "";
}

std::string EncodeQueryText(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
        c == '_' || c == '.' || c == '~') {
      encoded += c;
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

ApiAnswer ErrorAnswer(int status, std::string_view message,
                      std::string_view documentation_url) {
  ApiAnswer answer;
  answer.status = status;
  answer.body = JsonObject()
                    .Str("message", message)
                    .Str("documentation_url", documentation_url)
                    .Str("status", absl::StrCat(status))
                    .Take();
  return answer;
}

ApiAnswer NotFound() {
  return ErrorAnswer(404, "Not Found", "https://docs.github.com/rest");
}

ApiAnswer ValidationFailed(std::string_view resource, std::string_view field) {
  ApiAnswer answer;
  answer.status = 422;
  const std::string error = JsonObject()
                                .Str("resource", resource)
                                .Str("field", field)
                                .Str("code", "invalid")
                                .Take();
  answer.body = JsonObject()
                    .Str("message", "Validation Failed")
                    .Raw("errors", "[" + error + "]")
                    .Str("documentation_url", "https://docs.github.com/rest")
                    .Str("status", "422")
                    .Take();
  return answer;
}

}  // namespace mentiond::fake_github
