// The gzip format, both ways, on zlib.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_GZIP_H_
#define MENTIOND_TESTS_FAKE_GITHUB_GZIP_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace mentiond::fake_github {

// `text` as one gzip member.
std::string Gzip(std::string_view text);

// Calls `line` with each non-empty line of a gzipped file, without its end,
// until one fails; that status is returned, with the line's number. NotFound
// or DataLoss where the file cannot be opened or read.
absl::Status ForEachGzippedLine(
    const std::string& path,
    const std::function<absl::Status(std::string_view)>& line);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_GZIP_H_
