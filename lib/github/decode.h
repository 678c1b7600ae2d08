// From the JSON of a GitHub listing to its items. Nothing in it is trusted: a
// value of another type than documented leaves its item out, never the page.

#ifndef MENTIOND_LIB_GITHUB_DECODE_H_
#define MENTIOND_LIB_GITHUB_DECODE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "lib/github/types.h"

namespace mentiond {

struct DecodedItems {
  std::vector<Item> items;
  size_t skipped = 0;
  size_t elements = 0;  // of the list, whatever became of them
  // Of a search; see Page::found.
  std::optional<int64_t> found;
};

// Pure. UNAVAILABLE when the text is no JSON array (for a search: no object
// with one in it): GitHub's error pages and truncated answers look like that,
// and pass. Reviews that are not submitted yet are left out without being
// counted as skipped: only their author sees them.
absl::StatusOr<DecodedItems> DecodeListing(Listing listing,
                                           std::string_view json);

// The `message` of a GitHub error answer, made printable and cut to 200 bytes;
// empty where there is none.
std::string DecodeErrorMessage(std::string_view json);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_DECODE_H_
