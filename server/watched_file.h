// Files that are replaced while the server runs: certificates, policies.

#ifndef MENTIOND_SERVER_WATCHED_FILE_H_
#define MENTIOND_SERVER_WATCHED_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace mentiond {

inline constexpr size_t kMaxFileBytes = 1 << 20;

// The whole file, of kMaxFileBytes at most. NOT_FOUND with its name and why.
// The text is the only copy of it that this process has or has had.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);

// Says when to look again, so that no flood of calls becomes a flood of reads.
// Not thread-safe.
class LookAgain {
 public:
  static constexpr absl::Duration kEvery = absl::Seconds(1);

  bool IsDue(absl::Time now) {
    if (now < next_) return false;
    next_ = now + kEvery;
    return true;
  }

 private:
  absl::Time next_ = absl::InfinitePast();
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_WATCHED_FILE_H_
