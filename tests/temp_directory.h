// A directory for a test, with a name short enough for sockets.

#ifndef MENTIOND_TESTS_TEMP_DIRECTORY_H_
#define MENTIOND_TESTS_TEMP_DIRECTORY_H_

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "glog/logging.h"

namespace mentiond {

// Removed with all that is in it when this ends.
class TempDirectory {
 public:
  TempDirectory() {
    std::string path =
        (std::filesystem::temp_directory_path() / "mentiond.XXXXXX").string();
    CHECK(mkdtemp(path.data()) != nullptr) << path;
    path_ = path;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  std::string path() const { return path_.string(); }
  std::string operator/(std::string_view name) const {
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_TEMP_DIRECTORY_H_
