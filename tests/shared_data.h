// Where tests find the real data (recorded GitHub traffic, a corpus of real
// comments) that lies beside the checkout and is no part of it.

#ifndef MENTIOND_TESTS_SHARED_DATA_H_
#define MENTIOND_TESTS_SHARED_DATA_H_

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace mentiond {

// The path of `relative` below $MENTIOND_SHARED (which `./test` sets to
// ../shared beside the checkout), or nullopt where that is not there: skip
// the test then, saying what is absent.
inline std::optional<std::string> SharedPath(std::string_view relative) {
  const char* root = std::getenv("MENTIOND_SHARED");
  if (root == nullptr || *root == '\0') return std::nullopt;
  const std::filesystem::path path = std::filesystem::path(root) / relative;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path.string();
}

}  // namespace mentiond

#endif  // MENTIOND_TESTS_SHARED_DATA_H_
