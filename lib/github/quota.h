// What is left of a token's rate limits for one of GitHub's APIs: the primary
// limit (points per hour), the secondary ones ("slow down"), and how the points
// left are spread over the hour.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
// https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api

#ifndef MENTIOND_LIB_GITHUB_QUOTA_H_
#define MENTIOND_LIB_GITHUB_QUOTA_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "lib/github/response_meta.h"
#include "lib/github/turns.h"

namespace mentiond {

// Pure: times are passed in. Not thread-safe.
//
// While more than a fifth of the limit is left, requests are admitted at once.
// Below that they are spread over the rest of the window, and the last tenth is
// reserved for polls. A small reserve is never used: continuing at zero can get
// a client banned, and others may use the same account.
class Quota {
 public:
  // OK when a request may be sent now; otherwise UNAVAILABLE with the Delay
  // attached.
  absl::Status Admit(Priority priority, absl::Time now) const;

  // How long to hold back an admitted request: after a secondary limit,
  // histories are slowed down for an hour.
  absl::Duration PauseBefore(Priority priority, absl::Time now) const;

  // Records a response that was not a refusal, and the points that it cost.
  void Note(const std::optional<RateLimit>& rate_limit, int64_t cost,
            absl::Time now);

  // Records a refusal for a limit. Nothing is admitted until, in the order that
  // GitHub documents: `retry-after`, where there is one; the reset, when no
  // points are left; otherwise a minute, and longer each time. `secondary`: the
  // message is that of a secondary limit.
  void NoteRefusal(const ResponseMeta& meta, bool secondary, absl::Time now);

  // As last reported; nullopt: not reported yet, or that window is over.
  std::optional<RateLimit> rate_limit(absl::Time now) const;

 private:
  // What refusals have left.
  struct Refusal {
    int count = 0;  // in a row
    absl::Time blocked_until = absl::InfinitePast();
    bool secondary = false;  // why

    absl::Duration spacing;  // between requests of histories
    absl::Time spaced_until = absl::InfinitePast();
    absl::Time last_response = absl::InfinitePast();  // to one not refused
  };

  // When the points left allow the next request of that priority.
  absl::Time NextSlot(const RateLimit& rate, Priority priority) const;

  std::optional<RateLimit> rate_;
  int64_t cost_ = 1;  // of the last request that was not free
  absl::Time last_point_ = absl::InfinitePast();  // when one was used
  // Null: there was none. Behind a pointer, as tokens are many and few of them
  // are ever refused.
  std::unique_ptr<Refusal> refusal_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_QUOTA_H_
