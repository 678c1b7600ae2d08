// Which of many bodies may mention someone, by one look-up instead of a search
// of each body: a page of a listing is offered to every stream that reads it,
// and most of its bodies mention none of those whom they are about.

#ifndef MENTIOND_LIB_MARKDOWN_MENTION_INDEX_H_
#define MENTIOND_LIB_MARKDOWN_MENTION_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/markdown/mention_target.h"

namespace mentiond {

// Does not keep the bodies. Thread-safe once it is constructed.
class MentionIndex {
 public:
  explicit MentionIndex(const std::vector<std::string_view>& bodies);

  // The bodies, by position and in ascending order, for which HasMention()
  // may be true; for all others it is false.
  std::vector<size_t> Candidates(const MentionTarget& target) const;

 private:
  std::vector<size_t> AnyoneCandidates() const;
  void Add(std::string_view body, size_t position);
  void AddLogins(std::string_view word, size_t position);

  // Hashes of the logins that the bodies show, with the position; sorted.
  std::vector<std::pair<uint32_t, uint32_t>> logins_;
  // Those in which any login may be hidden; ascending.
  std::vector<size_t> for_anyone_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_MARKDOWN_MENTION_INDEX_H_
