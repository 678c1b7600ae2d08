#include "lib/markdown/mention_index.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"

#include "lib/markdown/extractor.h"

namespace mentiond {
namespace {

// A body with more is searched for each user, so that nobody can make an index
// much larger than the body.
constexpr size_t kMaxLoginsInBody = 1000;
// No login is longer.
constexpr size_t kMaxWord = 64;

bool IsSeparator(char c) { return c == '-' || c == '_'; }

bool IsOfLogin(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || IsSeparator(c);
}

uint32_t HashOfLogin(std::string_view lower) {
  return static_cast<uint32_t>(absl::HashOf(lower));
}

}  // namespace

MentionIndex::MentionIndex(const std::vector<std::string_view>& bodies) {
  for (size_t i = 0; i < bodies.size(); ++i) Add(bodies[i], i);
  std::sort(logins_.begin(), logins_.end());
  logins_.erase(std::unique(logins_.begin(), logins_.end()), logins_.end());
  logins_.shrink_to_fit();
}

std::vector<size_t> MentionIndex::Candidates(
    const MentionTarget& target) const {
  if (target.is_anyone()) return AnyoneCandidates();
  std::vector<size_t> found;
  // Of a team, its organization, which stands behind the `@`.
  const std::string_view name = target.name();
  const uint32_t hash = HashOfLogin(name.substr(0, name.find('/')));
  for (auto at = std::lower_bound(logins_.begin(), logins_.end(),
                                  std::pair(hash, uint32_t{0}));
       at != logins_.end() && at->first == hash; ++at) {
    found.push_back(at->second);
  }
  if (for_anyone_.empty()) return found;
  std::vector<size_t> all;
  std::set_union(found.begin(), found.end(), for_anyone_.begin(),
                 for_anyone_.end(), std::back_inserter(all));
  return all;
}

std::vector<size_t> MentionIndex::AnyoneCandidates() const {
  absl::btree_set<size_t> all(for_anyone_.begin(), for_anyone_.end());
  for (const auto& [hash, position] : logins_) all.insert(position);
  return std::vector<size_t>(all.begin(), all.end());
}

void MentionIndex::Add(std::string_view body, size_t position) {
  if (MayHideLogins(body)) {
    for_anyone_.push_back(position);
    return;
  }
  const size_t before = logins_.size();
  for (size_t at = body.find('@'); at != std::string_view::npos;
       at = body.find('@', at + 1)) {
    size_t end = at + 1;
    while (end < body.size() && end - at <= kMaxWord && IsOfLogin(body[end])) {
      ++end;
    }
    AddLogins(body.substr(at + 1, end - at - 1), position);
    if (logins_.size() - before > kMaxLoginsInBody) {
      logins_.resize(before);
      for_anyone_.push_back(position);
      return;
    }
  }
}

// Markdown can end a login before or after a separator: an underscore may end
// emphasis, for example.
void MentionIndex::AddLogins(std::string_view word, size_t position) {
  const std::string lower =
      absl::AsciiStrToLower(absl::string_view(word.data(), word.size()));
  const auto add = [&](size_t length) {
    if (length == 0) return;
    logins_.emplace_back(HashOfLogin(std::string_view(lower).substr(0, length)),
                         static_cast<uint32_t>(position));
  };
  for (size_t i = 0; i < lower.size(); ++i) {
    if (!IsSeparator(lower[i])) continue;
    add(i);
    add(i + 1);
  }
  add(lower.size());
}

}  // namespace mentiond
