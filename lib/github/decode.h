// From the JSON of a GitHub listing to its items. Nothing in it is trusted: an
// item with a value of another type than documented is left out, not the page.

#ifndef MENTIOND_LIB_GITHUB_DECODE_H_
#define MENTIOND_LIB_GITHUB_DECODE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "lib/github/types.h"

namespace mentiond {

struct DecodedItems {
  std::vector<Item> items;
  size_t skipped = 0;   // malformed
  size_t elements = 0;  // of the list, malformed ones included
};

// Pure. UNAVAILABLE when `json` is not a JSON array: GitHub's error pages and
// truncated responses look like that, and are transient.
absl::StatusOr<DecodedItems> DecodeListing(Listing listing,
                                           std::string_view json);

// A message of GitHub's for people, made printable and cut to 200 bytes; empty
// for nullopt.
std::string PrintableMessage(std::optional<std::string_view> text);

// The `message` of a GitHub error response, likewise.
std::string DecodeErrorMessage(std::string_view json);

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_DECODE_H_
