// What one token may still ask of GitHub: the primary limit (points per hour),
// the secondary ones ("slow down"), and how the rest of the hour is spread.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api

#ifndef MENTIOND_LIB_GITHUB_QUOTA_H_
#define MENTIOND_LIB_GITHUB_QUOTA_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "lib/github/response_meta.h"

namespace mentiond {

// Who goes first when not all can.
enum class Priority : uint8_t {
  kLive,     // a poll: what is new
  kHistory,  // an initial sync: what has been there for long
};

// Pure: times are passed in. Not thread-safe.
//
// While more than a fifth of the limit is left, requests go as they come. Below
// that they are spread over the rest of the window, and the last tenth is for
// polls alone. A small reserve is never used: going on at zero can get a
// client banned, and others may use the same account.
class Quota {
 public:
  // OK when a request may go now; else UNAVAILABLE with the Delay attached.
  absl::Status Admit(Priority priority, absl::Time now) const;

  // How long to hold back a request that is admitted: after a secondary limit,
  // histories go slower for an hour.
  absl::Duration PauseBefore(Priority priority, absl::Time now) const;

  // Takes note of an answer that was no refusal. `free`: it took no point.
  void Note(const ResponseMeta& meta, bool free, absl::Time now);

  // Takes note of a refusal for a limit, by the order that GitHub documents:
  // `retry-after` if there; else, when nothing is left, the reset; else a
  // minute, and longer each time. `secondary`: its words are those of a
  // secondary limit. Until then nothing is admitted.
  void NoteRefusal(const ResponseMeta& meta, bool secondary, absl::Time now);

  // What the last answer said; nullopt: nothing yet, or that window is over.
  std::optional<RateLimit> rate_limit(absl::Time now) const;

 private:
  // When a request of that priority may go, as far as points are concerned.
  absl::Time NextSlot(const RateLimit& rate, Priority priority) const;

  std::optional<RateLimit> rate_;
  absl::Time last_point_ = absl::InfinitePast();  // when one was used

  absl::Time blocked_until_ = absl::InfinitePast();
  bool secondary_ = false;  // why
  int refusals_ = 0;        // in a row

  absl::Duration spacing_;  // between requests of histories
  absl::Time spaced_until_ = absl::InfinitePast();
  absl::Time last_answer_ = absl::InfinitePast();
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_QUOTA_H_
