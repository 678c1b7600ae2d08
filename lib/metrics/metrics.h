// What the server counts while it works, as Prometheus metrics. None has a
// label per token, user or repository: there may be a hundred thousand.

#ifndef MENTIOND_LIB_METRICS_METRICS_H_
#define MENTIOND_LIB_METRICS_METRICS_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace mentiond {

enum class PollOutcome {
  kOk,
  kRateLimited,
  kSecondaryRateLimited,
  kUnavailable,  // a transient failure
  kFailed,       // the stream ends with it
};

// Thread-safe.
class Metrics {
 public:
  // `registry` outlives it. All counters begin with 0.
  explicit Metrics(prometheus::Registry& registry);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // For code that nobody watches.
  static Metrics& Unused();

  void StreamStarted();
  void StreamHandled(absl::StatusCode code);
  void MessageSent() { sent_->Increment(); }

  void Polled(PollOutcome outcome) {
    polls_[static_cast<size_t>(outcome)]->Increment();
  }
  // A mention that a poll found was delivered so long after GitHub says that it
  // was written or changed, and, if that is known, after GitHub's response.
  void MentionDelivered(absl::Duration after_update,
                        std::optional<absl::Duration> after_response);
  // An event loop began what was due so much later.
  void LoopWasLate(absl::Duration late);

  // A response of GitHub's, or none: 0.
  void Responded(bool graphql, int status);
  // A response was used again without a request.
  void CacheHit(bool graphql) { cache_hits_[graphql ? 1 : 0]->Increment(); }
  // A request was not sent, as an equal one was under way.
  void Coalesced(bool graphql) { coalesced_[graphql ? 1 : 0]->Increment(); }

 private:
  prometheus::Counter* started_;
  prometheus::Counter* received_;
  prometheus::Counter* sent_;
  std::array<prometheus::Counter*, 17> handled_;  // by status code
  std::array<prometheus::Counter*, 5> polls_;     // by PollOutcome
  // By API, and by status: known ones have their own, others one for each
  // hundred; the last is for no response.
  static constexpr std::array kStatuses = {200, 304, 401, 403, 404, 422, 429};
  static constexpr size_t kOthers = kStatuses.size();  // 2xx to 5xx, and 0
  std::array<std::array<prometheus::Counter*, kOthers + 5>, 2> requests_;
  std::array<prometheus::Counter*, 2> cache_hits_;  // by API
  std::array<prometheus::Counter*, 2> coalesced_;   // by API
  prometheus::Histogram* after_update_;
  prometheus::Histogram* after_response_;
  prometheus::Histogram* lateness_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_METRICS_METRICS_H_
