// The history of a very large repository by way of GitHub's search: reads only
// the pull requests in which the search index finds the user. Every result is
// checked; where the search may be incomplete, it is not used.

#ifndef MENTIOND_LIB_SYNC_SEARCH_HISTORY_H_
#define MENTIOND_LIB_SYNC_SEARCH_HISTORY_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/clock.h"
#include "lib/github/repository.h"
#include "lib/stream/stream_id.h"
#include "lib/subscription/subscription.h"
#include "lib/sync/outbox.h"

namespace mentiond {

// Loop thread only. What is passed by reference outlives it. `stream` is for
// the log.
class SearchHistory {
 public:
  SearchHistory(const StreamId& stream, Repository& repository,
                const Clock& clock, const Subscription& subscription,
                Outbox& outbox)
      : stream_(stream),
        repository_(repository),
        clock_(clock),
        subscription_(subscription),
        outbox_(outbox) {}

  // Delivers the history, and sets the high-water marks from which polls
  // continue. False: the search cannot answer completely, and nothing has been
  // delivered. Errors, all transient, are as GitHubClient::FetchPulls' and
  // EventQueue::Push's; what was delivered before one is not delivered again
  // by the next SearchHistory. To be called once.
  asio::awaitable<absl::StatusOr<bool>> Read();

 private:
  asio::awaitable<absl::StatusOr<bool>> FindMentions();
  asio::awaitable<absl::Status> Collect(const PullPage& page);

  const StreamId& stream_;
  Repository& repository_;
  const Clock& clock_;
  const Subscription& subscription_;
  Outbox& outbox_;

  std::vector<Item> found_;
  std::vector<PullRequestPart> more_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_SYNC_SEARCH_HISTORY_H_
