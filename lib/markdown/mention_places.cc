#include "lib/markdown/mention_places.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

#include "lib/base/strings.h"
#include "lib/markdown/extractor.h"

namespace mentiond {
namespace {

// cmark-gfm does not say where in the bytes a text lies: it counts columns
// after it has removed indents, quotes and escapes. So each word that follows
// an `@` is replaced by one of a kind, which changes nothing of how Markdown
// reads the rest, and the parser tells which of these are mentions.

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

std::vector<Word> WordsIn(std::string_view markdown) {
  std::vector<Word> words;
  for (size_t at = markdown.find('@');
       at != std::string_view::npos && words.size() < kMaxWords;
       at = markdown.find('@', at + 1)) {
    // An e-mail address, or the like.
    if (at > 0 && IsAlnum(markdown[at - 1])) continue;
    size_t end = at + 1;
    while (end < markdown.size() && IsAlnum(markdown[end])) ++end;
    if (end > at + 1)
      words.push_back({at, markdown.substr(at + 1, end - at - 1)});
  }
  return words;
}

// Words of the same length that none of `names` begins with: short ones,
// as a login may have only so many characters.
class Markers {
 public:
  Markers(size_t count, const std::vector<std::string>& names) {
    for (size_t max = kDigits.size(); max < count; max *= kDigits.size()) {
      ++digits_;
    }
    for (size_t i = 0; !IsFree(names); ++i) prefix_ = Number(i, i < 36 ? 1 : 3);
  }

  std::string Of(size_t index) const {
    return prefix_ + Number(index, digits_);
  }

  // The length of a marker; the number of `login`'s, if it begins with one.
  size_t size() const { return prefix_.size() + digits_; }
  size_t IndexIn(std::string_view login) const {
    if (login.size() < size() || !absl::StartsWith(ToAbsl(login), prefix_)) {
      return kMaxWords;
    }
    size_t index = 0;
    for (const char c : login.substr(prefix_.size(), digits_)) {
      const size_t digit = kDigits.find(c);
      if (digit == std::string_view::npos) return kMaxWords;
      index = index * kDigits.size() + digit;
    }
    return index;
  }

 private:
  static std::string Number(size_t number, size_t digits) {
    std::string text(digits, '0');
    for (size_t i = digits; i > 0; --i, number /= kDigits.size()) {
      text[i - 1] = kDigits[number % kDigits.size()];
    }
    return text;
  }
  bool IsFree(const std::vector<std::string>& names) const {
    return !prefix_.empty() &&
           std::none_of(names.begin(), names.end(),
                        [this](const std::string& login) {
                          return absl::StartsWith(login, prefix_);
                        });
  }

  std::string prefix_;
  size_t digits_ = 1;
};

}  // namespace

std::vector<MentionPlace> LocateMentions(
    std::string_view markdown, const std::vector<std::string>& names) {
  std::vector<MentionPlace> places;
  if (names.empty()) return places;
  const std::vector<Word> words = WordsIn(markdown);
  const Markers markers(words.size(), names);
  std::string marked;
  marked.reserve(markdown.size() + words.size() * markers.size());
  size_t copied = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    marked.append(markdown.substr(copied, words[i].at + 1 - copied));
    marked.append(markers.Of(i));
    copied = words[i].at + 1 + words[i].text.size();
  }
  marked.append(markdown.substr(copied));

  const absl::flat_hash_set<std::string_view> wanted(names.begin(),
                                                     names.end());
  for (const std::string& name : ExtractNames(marked)) {
    const size_t index = markers.IndexIn(name);
    if (index >= words.size()) continue;
    std::string original = absl::AsciiStrToLower(ToAbsl(words[index].text)) +
                           name.substr(markers.size());
    if (!wanted.contains(original)) continue;
    places.push_back({.name = std::move(original),
                      .offset = static_cast<uint32_t>(words[index].at)});
  }
  std::sort(places.begin(), places.end(),
            [](const MentionPlace& a, const MentionPlace& b) {
              return a.offset < b.offset;
            });
  return places;
}

}  // namespace mentiond
