#include "lib/mention/parse_cost.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"

namespace mentiond {
namespace {

// Each limit was measured: at it, the worst text known takes cmark-gfm about
// half a second on one core of a small server.
//
// Bytes that are looked at once more for each special sequence or level.
constexpr std::uint64_t kMaxRescans = 50'000'000;
// A deep list costs that much more than a byte that is looked at again.
constexpr std::uint64_t kLevelWeight = 4;
// Cells that a table may have: each is a node, even where a row leaves it out.
constexpr std::uint64_t kMaxCells = 300'000;
constexpr std::uint64_t kMaxColumns = 4'000;

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// At most how many levels of quotes, lists and footnotes `line` opens or goes
// on with: its markers, and its indentation at two columns a level.
std::uint64_t LevelsOf(std::string_view line) {
  std::uint64_t markers = 0;
  std::uint64_t columns = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const char next = i + 1 < line.size() ? line[i + 1] : ' ';
    const bool at_end = next == ' ' || next == '\t' || next == '\r';
    const bool is_digit = absl::ascii_isdigit(static_cast<unsigned char>(c));
    const bool is_bullet = at_end && (c == '-' || c == '+' || c == '*');
    const bool ends_number = at_end && i > 0 && (c == '.' || c == ')');
    if (c == ' ') {
      ++columns;
    } else if (c == '\t') {
      columns += 4;
    } else if (c == '>' || is_bullet || ends_number) {
      ++markers;
    } else if (c == '[' && next == '^') {
      const std::size_t close = line.find("]:", i);
      if (close == std::string_view::npos) break;
      i = close + 1;
      ++markers;
    } else if (!is_digit) {  // A digit counts at its number's delimiter.
      break;
    }
  }
  return markers + columns / 2;
}

// How many sequences `line` has at which cmark may look ahead to the end of
// the paragraph, or back to its start.
std::uint64_t RescansOf(std::string_view line) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char next = i + 1 < line.size() ? line[i + 1] : '\0';
    switch (line[i]) {
      case '<':
        count += next == '!' || next == '?' ? 1 : 0;
        break;
      case '!':
        count += next == '[' ? 1 : 0;
        break;
      case '[':
        count += next == '^' ? 1 : 0;
        break;
      case ':':
        count += next == '/' ? 1 : 0;
        break;
      case 'w':
      case 'W':
        count += next == line[i] ? 1 : 0;
        break;
      case ')':
      case '@':
        ++count;
        break;
      default:
        break;
    }
  }
  return count;
}

}  // namespace

bool IsTooCostlyToParse(std::string_view markdown) {
  std::uint64_t lines = 0;
  std::uint64_t levels = 0;   // the deepest line's
  std::uint64_t columns = 0;  // the widest line's, were it a table's
  std::uint64_t rescans = 0;
  // A blank line ends every paragraph, and with it such a look ahead.
  std::uint64_t paragraph_bytes = 0;
  std::uint64_t paragraph_marks = 0;
  for (std::size_t begin = 0; begin < markdown.size();) {
    const std::size_t end =
        std::min(markdown.find('\n', begin), markdown.size());
    const std::string_view line = markdown.substr(begin, end - begin);
    begin = end + 1;
    ++lines;
    levels = std::max(levels, LevelsOf(line));
    columns = std::max<std::uint64_t>(
        columns, std::count(line.begin(), line.end(), '|'));
    if (IsBlank(line)) {
      rescans += paragraph_bytes * paragraph_marks;
      paragraph_bytes = paragraph_marks = 0;
    } else {
      paragraph_bytes += line.size() + 1;
      paragraph_marks += RescansOf(line);
    }
  }
  rescans += paragraph_bytes * paragraph_marks;
  return rescans + levels * kLevelWeight * markdown.size() > kMaxRescans ||
         columns > kMaxColumns || columns * lines > kMaxCells;
}

}  // namespace mentiond
