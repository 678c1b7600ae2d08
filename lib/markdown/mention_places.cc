#include "lib/markdown/mention_places.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

#include "lib/base/strings.h"
#include "lib/markdown/extractor.h"

namespace mentiond {
namespace {

// cmark-gfm does not say where in the bytes a text lies: it counts columns
// after it has removed indents, quotes and escapes. So each word that follows
// an `@` is replaced by a word that occurs nowhere else, which changes nothing
// of how Markdown reads the rest, and the parser tells which of these are
// mentions.

constexpr size_t kMaxWords = 10'000;
constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";

// The letters and digits after an `@` that may begin a mention. What follows
// them may be a part of the login or of the Markdown, such as `_`, and is left
// as it is.
struct Word {
  size_t at;  // of the `@`
  std::string_view text;
};

bool IsAlnum(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c));
}

bool IsLabel(std::string_view before) {
  return before.ends_with('[') || before.ends_with("[^");
}

std::vector<Word> WordsIn(std::string_view markdown) {
  std::vector<Word> words;
  const bool has_labels = markdown.find("]:") != std::string_view::npos;
  for (size_t at = markdown.find('@');
       at != std::string_view::npos && words.size() < kMaxWords;
       at = markdown.find('@', at + 1)) {
    // An e-mail address, or the like.
    if (at > 0 && IsAlnum(markdown[at - 1])) continue;
    // The label of a link or footnote, which has to remain that.
    if (has_labels && IsLabel(markdown.substr(0, at))) continue;
    size_t end = at + 1;
    while (end < markdown.size() && IsAlnum(markdown[end])) ++end;
    if (end > at + 1)
      words.push_back({at, markdown.substr(at + 1, end - at - 1)});
  }
  return words;
}

std::optional<size_t> NumberIn(std::string_view text) {
  size_t number = 0;
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    number = number * kDigits.size() + digit;
  }
  return number;
}

std::string DigitsOf(size_t number, size_t digits) {
  std::string text(digits, '0');
  for (size_t i = digits; i > 0; --i, number /= kDigits.size()) {
    text[i - 1] = kDigits[number % kDigits.size()];
  }
  return text;
}

// Digits that none of `names` begins with, one or three of them; empty: all are
// taken.
std::string FreePrefix(const std::vector<std::string>& names) {
  for (const size_t digits : {size_t{1}, size_t{3}}) {
    std::vector<bool> taken(digits == 1 ? 36 : 36 * 36 * 36);
    for (const std::string& name : names) {
      if (name.size() < digits) continue;
      const auto number = NumberIn(std::string_view(name).substr(0, digits));
      if (number) taken[*number] = true;
    }
    const auto free = std::find(taken.begin(), taken.end(), false);
    if (free != taken.end()) {
      return DigitsOf(static_cast<size_t>(free - taken.begin()), digits);
    }
  }
  return "";
}

// Words of the same length: a prefix and a number. Short ones, as a login may
// have only so many characters.
class Markers {
 public:
  Markers(std::string prefix, size_t count) : prefix_(std::move(prefix)) {
    for (size_t max = kDigits.size(); max < count; max *= kDigits.size()) {
      ++digits_;
    }
  }

  size_t size() const { return prefix_.size() + digits_; }
  std::string Of(size_t index) const {
    return prefix_ + DigitsOf(index, digits_);
  }
  // The number of the marker that `name` begins with; nullopt: none.
  std::optional<size_t> IndexIn(std::string_view name) const {
    if (name.size() < size() || !absl::StartsWith(ToAbsl(name), prefix_)) {
      return std::nullopt;
    }
    return NumberIn(name.substr(prefix_.size(), digits_));
  }

 private:
  const std::string prefix_;
  size_t digits_ = 1;
};

}  // namespace

std::vector<MentionPlace> LocateMentions(
    std::string_view markdown, const std::vector<std::string>& names) {
  std::vector<MentionPlace> places;
  if (names.empty()) return places;
  const std::vector<Word> words = WordsIn(markdown);
  std::string prefix = FreePrefix(names);
  if (prefix.empty()) return places;
  const Markers markers(std::move(prefix), words.size());
  std::string marked;
  marked.reserve(markdown.size() + words.size() * markers.size());
  size_t copied = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    marked.append(markdown.substr(copied, words[i].at + 1 - copied));
    marked.append(markers.Of(i));
    copied = words[i].at + 1 + words[i].text.size();
  }
  marked.append(markdown.substr(copied));

  absl::flat_hash_map<std::string_view, uint32_t> indices;
  for (size_t i = 0; i < names.size(); ++i) {
    indices.emplace(names[i], static_cast<uint32_t>(i));
  }
  for (const std::string& name : ExtractNames(marked)) {
    const std::optional<size_t> word = markers.IndexIn(name);
    if (!word || *word >= words.size()) continue;
    const std::string original =
        absl::AsciiStrToLower(ToAbsl(words[*word].text)) +
        name.substr(markers.size());
    const auto index = indices.find(original);
    if (index == indices.end()) continue;
    places.push_back({.name = index->second,
                      .offset = static_cast<uint32_t>(words[*word].at)});
  }
  std::sort(places.begin(), places.end(),
            [](const MentionPlace& a, const MentionPlace& b) {
              return a.offset < b.offset;
            });
  return places;
}

}  // namespace mentiond
