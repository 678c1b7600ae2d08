// Reads what GitHub shows per pull request or issue: descriptions and reviews.
// The issues listing tells which ones were updated, and these are read by
// GraphQL, up to a hundred in a query. Without GraphQL the listing itself has
// the descriptions, and reviews are not read.

#ifndef MENTIOND_LIB_SYNC_PULL_READER_H_
#define MENTIOND_LIB_SYNC_PULL_READER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/clock.h"
#include "lib/github/listing_reader.h"
#include "lib/github/repository.h"
#include "lib/stream/stream_id.h"
#include "lib/subscription/progress.h"
#include "lib/subscription/subscription.h"
#include "lib/sync/outbox.h"
#include "lib/sync/recent_pulls.h"

namespace mentiond {

// Loop thread only. What is passed by reference outlives it.
//
// Errors are as GitHubClient's and EventQueue::Push's. After a transient one,
// calling again resumes: nothing is lost and nothing is delivered twice.
// `stream` is for the log.
class PullReader {
 public:
  PullReader(Repository& repository, const Clock& clock,
             const Subscription& subscription, Outbox& outbox);

  // Whether GraphQL is out of use for this stream.
  bool without_graphql() const { return !use_graphql_; }

  // A poll: delivers what is new in the pull requests and issues that `issues`,
  // a reading from the high-water mark, shows as updated. `retry`: including
  // those that could not be read lately.
  asio::awaitable<absl::Status> ReadUpdated(const StreamId& stream,
                                            ListingReader& issues, bool retry);

  // How many updates polls have seen.
  uint64_t updates_seen() const { return recent_.updates(); }

  // Continues the full read that is in progress by at most `max_pages` pages of
  // `issues`, a reading from the full read's high-water mark; finishes it when
  // all have been read. `after_page` is awaited after each of them.
  //
  // Of a history, mentions are delivered in the order of their last change and
  // therefore only when all have been read; afterwards at once.
  using AfterPage = std::function<asio::awaitable<absl::Status>()>;
  asio::awaitable<absl::Status> ContinueFullRead(const StreamId& stream,
                                                 ListingReader& issues,
                                                 int max_pages,
                                                 AfterPage after_page);

 private:
  bool IsWanted(const PullKey& key) const;
  asio::awaitable<absl::Status> Collect(Item description);
  asio::awaitable<absl::Status> ReadDue(const StreamId& stream);
  asio::awaitable<absl::Status> ReadBatch(std::vector<PullKey> keys,
                                          absl::Time good_since);
  asio::awaitable<absl::Status> DeliverFound(std::optional<absl::Time> settled);
  absl::Status WithoutGraphQl(const StreamId& stream, const absl::Status& why);
  absl::btree_set<PullKey> Unfinished() const;

  Repository& repository_;
  const Clock& clock_;
  const Subscription& subscription_;
  Outbox& outbox_;
  bool use_graphql_;
  Priority priority_ = Priority::kHistory;

  RecentPulls recent_;
  // The last page of the poll before: it is often unchanged.
  uint64_t last_page_version_ = 0;

  // To be read next, and from when on a cached response will do.
  absl::btree_map<PullKey, absl::Time> due_;
  // Could not be read, although others could.
  absl::btree_set<PullKey> unreadable_;
  absl::Status failure_;  // why
  // New mentions that have not been delivered yet, and where they are.
  std::vector<Item> found_;
  absl::btree_set<PullKey> found_in_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_SYNC_PULL_READER_H_
