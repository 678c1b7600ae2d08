#include "client/terminal/excerpt.h"

#include <algorithm>

#include "absl/strings/ascii.h"

#include "client/terminal/display_width.h"
#include "client/terminal/printable.h"

namespace mentiond::terminal {
namespace {

constexpr std::string_view kLineEnds = "\r\n";
constexpr std::string_view kBlanks = " \t\r\n\v\f";

// How many bytes on each side of the mention are considered: a line may have
// 262,144 bytes, of which only a few can be shown. Enough for four bytes per
// code point and for combining marks.
size_t ContextBytes(int width) { return static_cast<size_t>(width) * 32 + 256; }

std::string_view LastBytes(std::string_view text, size_t count) {
  return text.size() > count ? text.substr(text.size() - count) : text;
}

// The end of the line that contains `at`.
size_t LineEnd(std::string_view body, size_t at) {
  return std::min(body.find_first_of(kLineEnds, at), body.size());
}

// Whether a line contains only logins ("@a, @b:").
bool OnlyLogins(std::string_view line) {
  bool in_login = false;
  for (const char c : line) {
    const bool word = absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                      static_cast<unsigned char>(c) >= 0x80;
    if (c == '@') {
      in_login = true;
    } else if (word && !in_login) {
      return false;
    } else if (!word && c != '-') {
      in_login = false;
    }
  }
  return true;
}

// The end of the excerpt for the line from `begin` to `end`: the end of that
// line or, if it contains only logins, of the next non-empty one.
size_t ExcerptEnd(std::string_view body, size_t begin, size_t end) {
  if (!OnlyLogins(body.substr(begin, end - begin))) return end;
  const size_t next = body.find_first_not_of(kBlanks, end);
  return next == std::string_view::npos ? end : LineEnd(body, next);
}

// The beginning of the last sentence of `text`.
size_t LastSentence(std::string_view text) {
  for (size_t at = text.size(); at >= 2; --at) {
    const char mark = text[at - 2];
    if (text[at - 1] == ' ' && (mark == '.' || mark == '!' || mark == '?')) {
      return at;
    }
  }
  return 0;
}

std::string_view TrimStart(std::string_view text) {
  const size_t start = text.find_first_not_of(' ');
  return start == std::string_view::npos ? "" : text.substr(start);
}

std::string_view TrimEnd(std::string_view text) {
  const size_t end = text.find_last_not_of(' ');
  return end == std::string_view::npos ? "" : text.substr(0, end + 1);
}

// The text before the mention in at most `width` columns: from the beginning of
// the sentence if that fits.
std::string FitBefore(const std::string& before, int width) {
  if (DisplayWidth(before) <= width) return before;
  const std::string_view sentence =
      std::string_view(before).substr(LastSentence(before));
  if (DisplayWidth(sentence) + 2 <= width) {
    return std::string("… ").append(sentence);
  }
  return CutStart(before, width);
}

// The end of the mention of a user or a team that begins at `at`.
size_t MentionEnd(std::string_view body, size_t at) {
  const auto is_of_name = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
           c == '_' || c == '/';
  };
  size_t end = at + 1;
  while (end < body.size() && is_of_name(body[end])) ++end;
  return end;
}

}  // namespace

Excerpt MakeExcerpt(std::string_view body, std::optional<size_t> offset,
                    int width) {
  width = std::max(width, 1);
  Excerpt excerpt;
  if (!offset || *offset >= body.size() || body[*offset] != '@') {
    const size_t begin = std::min(body.find_first_not_of(kBlanks), body.size());
    const std::string_view line =
        body.substr(begin, LineEnd(body, begin) - begin);
    excerpt.after =
        CutEnd(TrimEnd(Printable(line.substr(0, ContextBytes(width)))), width);
    return excerpt;
  }

  const size_t line_end_before =
      body.substr(0, *offset).find_last_of(kLineEnds);
  const size_t begin =
      line_end_before == std::string_view::npos ? 0 : line_end_before + 1;
  const size_t end = ExcerptEnd(body, begin, LineEnd(body, *offset));
  const size_t mention_end = MentionEnd(body, *offset);

  const std::string before = Printable(
      LastBytes(body.substr(begin, *offset - begin), ContextBytes(width)));
  const std::string after = Printable(body.substr(
      mention_end, std::min(end - mention_end, ContextBytes(width))));
  excerpt.before = TrimStart(before);
  excerpt.mention =
      CutEnd(Printable(body.substr(*offset, mention_end - *offset)), width);
  excerpt.after = TrimEnd(after);

  const int available = width - DisplayWidth(excerpt.mention);
  // At least a third of it is reserved for the text before the mention.
  const int available_before = available - std::min(DisplayWidth(excerpt.after),
                                                    available - available / 3);
  excerpt.before = FitBefore(excerpt.before, available_before);
  excerpt.after =
      CutEnd(excerpt.after, available - DisplayWidth(excerpt.before));
  return excerpt;
}

}  // namespace mentiond::terminal
