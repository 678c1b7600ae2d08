// A directory of files as Kubernetes mounts a secret: each is a link through
// "..data", a link to a directory with the files of one version. A new version
// takes the place of all at once, when "..data" is replaced.

#ifndef MENTIOND_TESTS_SECRET_MOUNT_H_
#define MENTIOND_TESTS_SECRET_MOUNT_H_

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

#include "tests/temp_directory.h"

namespace mentiond {

class SecretMount {
 public:
  // By name. A later version has the same names.
  using Files = std::map<std::string, std::string>;

  explicit SecretMount(const Files& files) {
    Swap(files);
    for (const auto& [name, text] : files) {
      std::filesystem::create_symlink("..data/" + name, directory_ / name);
    }
  }

  // As kubelet does: the new directory, the link, the end of the old directory.
  void Swap(const Files& files) {
    const std::string old = Version();
    ++version_;
    std::filesystem::create_directory(directory_ / Version());
    for (const auto& [name, text] : files) {
      std::ofstream(directory_ / (Version() + "/" + name)) << text;
    }
    std::filesystem::create_symlink(Version(), directory_ / "..data_tmp");
    std::filesystem::rename(directory_ / "..data_tmp", directory_ / "..data");
    std::filesystem::remove_all(directory_ / old);
  }

  std::string operator/(std::string_view name) const {
    return directory_ / name;
  }

 private:
  std::string Version() const { return absl::StrCat("..2024_", version_); }

  const TempDirectory directory_;
  int version_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_SECRET_MOUNT_H_
