// What to do about a token that GitHub rejects. A rejection may be a fault of
// GitHub's, and a new installation token is not known everywhere for seconds:
// it is tried again. A token that stays rejected is not: GitHub refuses all
// logins for a while after too many that failed.

#ifndef MENTIOND_LIB_GITHUB_REJECTIONS_H_
#define MENTIOND_LIB_GITHUB_REJECTIONS_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace mentiond {

// Not thread-safe.
class Rejections {
 public:
  // OK if the token may be tried. Otherwise UNAVAILABLE with the Delay until it
  // may, or, when it has been rejected three times in a row, for a minute, the
  // status that GitHub rejected it with.
  absl::Status Check(absl::Time now) const;

  // GitHub has rejected it with `status`: returns what Check does now. Requests
  // that were under way together count as one.
  absl::Status Note(absl::Status status, absl::Time now);

  // It is known why the token is rejected, and that trying again is of no use.
  void NoteFinal(absl::Status status, absl::Time now);

  void NoteAccepted() { last_.reset(); }

 private:
  struct Rejection {
    int count = 0;  // in a row, with this one
    absl::Time until = absl::InfinitePast();
    absl::Status status;
  };

  // Null: there was none. Behind a pointer, as tokens are many and most of them
  // are good.
  std::unique_ptr<Rejection> last_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_REJECTIONS_H_
