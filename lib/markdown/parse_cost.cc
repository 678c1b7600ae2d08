#include "lib/markdown/parse_cost.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"

namespace mentiond {
namespace {

// Each limit was measured: at it, the worst text known takes cmark-gfm about
// a tenth of a second on one core of a small server. A long changelog in one
// list or in one HTML block stays far below.
//
// Steps of about half a nanosecond.
constexpr std::uint64_t kMaxSteps = 300'000'000;
// Steps that each byte costs, by the levels of quotes and lists it may be in.
constexpr std::uint64_t kStepsPerLevel = 32;
// Cells that a table may have: each is a node, even where a row leaves it out.
constexpr std::uint64_t kMaxCells = 60'000;
constexpr std::uint64_t kMaxColumns = 1'000;

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

// Steps that each byte of the paragraph costs for `line`: there are sequences
// at which cmark may look ahead to the paragraph's end, or back to its start.
std::uint64_t StepsPerByteOf(std::string_view line) {
  std::uint64_t steps = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char next = i + 1 < line.size() ? line[i + 1] : '\0';
    switch (line[i]) {
      case '<':
        steps += next == '!' || next == '?' ? 3 : 0;
        break;
      case '!':
        steps += next == '[' ? 2 : 0;
        break;
      case '[':
        steps += next == '^' ? 3 : 0;
        break;
      case ':':
        steps += next == '/' ? 3 : 0;
        break;
      case 'w':
      case 'W':
        // Twice within `www`.
        steps += next == line[i] ? 12 : 0;
        break;
      case ')':
        steps += 2;
        break;
      case '@':
        steps += 1;
        break;
      default:
        break;
    }
  }
  return steps;
}

}  // namespace

bool IsTooCostlyToParse(std::string_view markdown) {
  std::uint64_t lines = 0;
  std::uint64_t levels = 0;   // the deepest line's
  std::uint64_t columns = 0;  // the widest line's, were it a table's
  std::uint64_t steps = 0;
  // A blank line ends every paragraph, and with it such a look ahead.
  std::uint64_t paragraph_bytes = 0;
  std::uint64_t paragraph_steps = 0;
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
      steps += paragraph_bytes * paragraph_steps;
      paragraph_bytes = paragraph_steps = 0;
    } else {
      paragraph_bytes += line.size() + 1;
      paragraph_steps += StepsPerByteOf(line);
    }
  }
  steps += paragraph_bytes * paragraph_steps;
  return steps + levels * kStepsPerLevel * markdown.size() > kMaxSteps ||
         columns > kMaxColumns || columns * lines > kMaxCells;
}

}  // namespace mentiond
