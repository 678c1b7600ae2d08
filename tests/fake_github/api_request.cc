#include "tests/fake_github/api_request.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

std::string DecodeQueryText(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string digits(text.substr(i + 1, 2));
    if (text[i] == '%' && digits.size() == 2 &&
        absl::ascii_isxdigit(static_cast<unsigned char>(digits[0])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) {
      decoded += static_cast<char>(std::stoi(digits, nullptr, 16));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
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
  const std::string fields(target.substr(question + 1));
  for (const absl::string_view field :
       absl::StrSplit(fields, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(field, absl::MaxSplits('=', 1));
    request.query.emplace_back(DecodeQueryText(parts.first),
                               DecodeQueryText(parts.second));
  }
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

ApiAnswer ErrorAnswer(int status, const std::string& message) {
  ApiAnswer answer;
  answer.status = status;
  answer.body = JsonObject()
                    .Str("message", message)
                    .Str("documentation_url", "https://docs.github.com/rest")
                    .Str("status", absl::StrCat(status))
                    .Take();
  return answer;
}

}  // namespace mentiond::fake_github
