#include "lib/github/link_header.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

#include "lib/base/strings.h"

namespace mentiond {
namespace {

// Reads the entries of a Link header as RFC 8288, section 3 and appendix B.2,
// describe: `<target>; name=value; name="value", <target>...`. A malformed
// entry ends the parsing: what follows it is ambiguous.
class LinkReader {
 public:
  explicit LinkReader(std::string_view link) : rest_(link) {}

  // The target of the next entry with that rel; empty if there is none.
  std::string_view NextWithRel(std::string_view rel) {
    while (true) {
      SkipAny(" \t,");
      const std::string_view target = Target();
      std::optional<std::string> rels;
      if (target.empty() || !ReadParameters(rels)) return {};
      for (const absl::string_view one :
           absl::StrSplit(rels.value_or(""), ' ', absl::SkipEmpty())) {
        if (absl::EqualsIgnoreCase(one, ToAbsl(rel))) return target;
      }
    }
  }

 private:
  bool Consume(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void SkipAny(std::string_view characters) {
    rest_.remove_prefix(
        std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  // All up to one of `ends`, which stays.
  std::string_view Until(std::string_view ends) {
    const std::string_view text =
        rest_.substr(0, std::min(rest_.find_first_of(ends), rest_.size()));
    rest_.remove_prefix(text.size());
    return text;
  }

  // `<...>`; empty for anything else, and for what is no URL.
  std::string_view Target() {
    if (!Consume('<')) return {};
    const std::string_view target = Until(">");
    if (!Consume('>')) return {};
    for (const char c : target) {
      if (c <= ' ' || c > '~' || c == '<' || c == '"') return {};
    }
    return target;
  }

  // `; name=value` until a comma or the end. Of several rels the first counts.
  bool ReadParameters(std::optional<std::string>& rels) {
    while (true) {
      SkipAny(" \t");
      if (rest_.empty() || rest_.front() == ',') return true;
      if (!Consume(';')) return false;
      SkipAny(" \t");
      const std::string_view name = Until("=;, \t");
      SkipAny(" \t");
      std::string value;
      if (Consume('=')) {
        SkipAny(" \t");
        if (!ReadValue(value)) return false;
      }
      if (!rels && absl::EqualsIgnoreCase(ToAbsl(name), "rel")) {
        rels = std::move(value);
      }
    }
  }

  // A token, or a quoted string, which may contain anything.
  bool ReadValue(std::string& value) {
    if (!Consume('"')) {
      value = Until(";, \t");
      return true;
    }
    while (!rest_.empty()) {
      value += Until("\"\\");
      if (Consume('"')) return true;
      Consume('\\');
      if (rest_.empty()) return false;
      value += rest_.front();
      rest_.remove_prefix(1);
    }
    return false;
  }

  std::string_view rest_;
};

}  // namespace

std::string_view LinkTarget(std::string_view link, std::string_view rel) {
  return LinkReader(link).NextWithRel(rel);
}

}  // namespace mentiond
