#include "lib/markdown/text_scanner.h"

#include <cstddef>

#include "absl/strings/ascii.h"

#include "lib/base/login.h"
#include "lib/markdown/mention_target.h"

namespace mentiond {
namespace {

bool IsWord(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// Whether a name may end before `rest`.
bool MayFollowName(std::string_view rest) {
  if (rest.empty()) return true;
  if (rest.front() == '/') return false;
  if (rest.front() != '.') return true;  // The name took all word characters.
  return rest.size() == 1 || !IsWord(rest[1]);
}

std::size_t EndOfWord(std::string_view text, std::size_t at) {
  while (at < text.size() && (IsWord(text[at]) || text[at] == '-')) ++at;
  return at;
}

}  // namespace

void ScanText(std::string_view text,
              absl::FunctionRef<void(std::string_view name)> found) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos;
       at = text.find('@', at + 1)) {
    if (at > 0 && IsWord(text[at - 1])) continue;
    const std::size_t begin = at + 1;
    // All that could belong to a login, an underscore included, belongs to it:
    // `@user_name` is a mention of that Enterprise-managed user or of nobody.
    std::size_t end = EndOfWord(text, begin);
    if (!Login::IsValid(text.substr(begin, end - begin))) continue;
    if (end < text.size() && text[end] == '/') {
      const std::size_t slug = end + 1;
      end = EndOfWord(text, slug);
      if (!IsTeamSlug(text.substr(slug, end - slug))) continue;
    }
    if (MayFollowName(text.substr(end))) found(text.substr(begin, end - begin));
  }
}

}  // namespace mentiond
