#include "client/find_mention.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace mentiond {
namespace {

// Bounds the work on untrusted input: longer lines are not searched for
// backticks, and after this many mentions in code the first one is used.
constexpr size_t kMaxLineBytes = 8192;
constexpr int kMaxTries = 16;

bool IsWord(char c) {
  // Non-ASCII bytes are treated as letters.
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsLogin(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c));
}

bool StartsMention(std::string_view body, size_t at, std::string_view login) {
  const std::string_view found = body.substr(at + 1, login.size());
  if (!absl::EqualsIgnoreCase(absl::string_view(found.data(), found.size()),
                              absl::string_view(login.data(), login.size()))) {
    return false;
  }
  if (at > 0) {
    const char before = body[at - 1];
    if (IsLogin(before) || before == '_' || before == '@') return false;
  }
  const std::string_view after = body.substr(at + 1 + login.size());
  if (after.empty()) return true;
  if (IsLogin(after[0]) || after[0] == '_') return false;
  // "@login-more" is another login, "@login/more" a team.
  const bool continues = after[0] == '-' || after[0] == '/';
  return !(continues && after.size() > 1 && IsWord(after[1]));
}

// The first mention at or after `from` and before `end`.
std::optional<size_t> Next(std::string_view body, size_t from, size_t end,
                           std::string_view login) {
  for (size_t at = body.find('@', from); at < end;
       at = body.find('@', at + 1)) {
    if (StartsMention(body, at, login)) return at;
  }
  return std::nullopt;
}

size_t BackticksAt(std::string_view line, size_t at) {
  const size_t end = line.find_first_not_of('`', at);
  return (end == std::string_view::npos ? line.size() : end) - at;
}

// Whether the byte at `at` is between two equally long runs of backticks.
bool InCodeSpan(std::string_view line, size_t at) {
  if (line.size() > kMaxLineBytes) return false;
  size_t open = line.find('`');
  while (open < at) {
    const size_t ticks = BackticksAt(line, open);
    size_t close = line.find('`', open + ticks);
    while (close != std::string_view::npos) {
      const size_t run = BackticksAt(line, close);
      if (run == ticks) break;
      close = line.find('`', close + run);
    }
    if (close == std::string_view::npos) {
      // Unclosed: these backticks are literal.
      open = line.find('`', open + ticks);
    } else if (close > at) {
      return true;
    } else {
      open = line.find('`', close + ticks);
    }
  }
  return false;
}

// The character of the line's code fence, or 0 if it has none.
char Fence(std::string_view line) {
  const size_t start = line.find_first_not_of(" \t>");
  if (start == std::string_view::npos) return 0;
  const std::string_view mark = line.substr(start, 3);
  return mark == "```" || mark == "~~~" ? mark[0] : '\0';
}

}  // namespace

std::optional<size_t> FindMention(std::string_view body,
                                  std::string_view login) {
  if (login.empty()) return std::nullopt;
  char fence = 0;
  int tries = 0;
  for (size_t begin = 0; begin < body.size();) {
    size_t end = body.find_first_of("\r\n", begin);
    if (end == std::string_view::npos) end = body.size();
    const std::string_view line = body.substr(begin, end - begin);
    const char mark = Fence(line);
    if (mark != 0 && (fence == 0 || fence == mark)) {
      fence = fence == 0 ? mark : '\0';
    } else if (fence == 0) {
      for (std::optional<size_t> at = Next(body, begin, end, login); at;
           at = Next(body, *at + 1, end, login)) {
        if (!InCodeSpan(line, *at - begin)) return at;
        if (++tries == kMaxTries) return Next(body, 0, body.size(), login);
      }
    }
    begin = end + 1;
  }
  return Next(body, 0, body.size(), login);
}

}  // namespace mentiond
