#include "lib/markdown/text_scanner.h"

#include <cstddef>

#include "absl/strings/ascii.h"

#include "lib/base/login.h"

namespace mentiond {
namespace {

bool IsWord(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// Whether a login may end before `rest`.
bool MayFollowLogin(std::string_view rest) {
  if (rest.empty()) return true;
  if (rest.front() == '/') return false;
  if (rest.front() != '.') return true;  // The login took all word characters.
  return rest.size() == 1 || !IsWord(rest[1]);
}

}  // namespace

void ScanText(std::string_view text,
              absl::FunctionRef<void(std::string_view login)> found) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos;
       at = text.find('@', at + 1)) {
    if (at > 0 && IsWord(text[at - 1])) continue;
    const std::size_t begin = at + 1;
    std::size_t end = begin;
    // All that could belong to a login, an underscore included, belongs to it:
    // `@user_name` is a mention of that Enterprise-managed user or of nobody.
    while (end < text.size() && (IsWord(text[end]) || text[end] == '-')) ++end;
    const std::string_view login = text.substr(begin, end - begin);
    if (Login::IsValid(login) && MayFollowLogin(text.substr(end))) found(login);
  }
}

}  // namespace mentiond
