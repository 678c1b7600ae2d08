// Finds programs that a test uses where they are installed.

#ifndef MENTIOND_TESTS_FIND_PROGRAM_H_
#define MENTIOND_TESTS_FIND_PROGRAM_H_

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace mentiond {

// The path of a program in $PATH, which Bazel makes short, or else in one of
// `folders`; empty: there is none.
inline std::string FindProgram(const std::string& name,
                               const std::vector<std::string>& folders) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> all =
      absl::StrSplit(path != nullptr ? path : "", ':');
  all.insert(all.end(), folders.begin(), folders.end());
  for (const std::string& folder : all) {
    std::string program = absl::StrCat(folder, "/", name);
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

}  // namespace mentiond

#endif  // MENTIOND_TESTS_FIND_PROGRAM_H_
