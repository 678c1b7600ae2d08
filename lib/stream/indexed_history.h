// The history of a large repository by way of GitHub's search: it knows which
// pull requests mention a user, and then only those are read.
//
// The index lags, so what it was asked about is only what is older than a few
// minutes; ReadOnFrom() says from when the listings have to be read after it.

#ifndef MENTIOND_LIB_STREAM_INDEXED_HISTORY_H_
#define MENTIOND_LIB_STREAM_INDEXED_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/github/github_client.h"
#include "lib/stream/pull_scan.h"
#include "lib/stream/subscription.h"

namespace mentiond {

// What a history costs, in requests, when it is read from the listings.
struct PlainCost {
  int64_t listing_pages = 0;
  int64_t reviews = 0;  // one request per pull request, where they are wanted
};

// Loop thread only. What is passed by reference outlives it.
class IndexedHistory {
 public:
  // `scan` keeps how far it is; one that has come some way already goes on
  // there.
  IndexedHistory(GitHubClient& github, const Subscription& subscription,
                 std::string repo_url, PullScan& scan);

  // Whether asking the index at all can be worth it: it has only pull requests,
  // and for a repository whose listings cost less than `from_requests` these
  // are as good, and miss nothing.
  static bool IsCandidate(const PlainCost& plain, int64_t from_requests,
                          const Subscription& subscription);

  // Asks the index. False: read the listings instead, as GitHub can't tell, or
  // tells of so many pull requests that it would not be cheaper.
  asio::awaitable<bool> IsCheaperThan(PlainCost plain);

  enum class Progress {
    kMore,      // there is more to read
    kSomeDone,  // one kind of text is complete: TakeFound()
    kAllDone,   // so is all
  };
  // Reads one page more. After an error (as GitHubClient::FetchPage's) the next
  // call asks for the same page.
  asio::awaitable<absl::StatusOr<Progress>> Step();

  // What was found and may mention the user, of the sources wanted; oldest
  // first.
  std::vector<Item> TakeFound();

  // From when the listing has to be read for what the index did not know.
  absl::Time ReadOnFrom(Listing listing) const;

  uint32_t pages_done() const { return pages_done_; }
  uint32_t pages_total() const;

 private:
  struct Question {
    Listing listing;
    std::string url;
    int64_t number = 0;  // of the pull request; 0: none
    bool probe = false;  // asks for nothing but the latest item's time
  };

  void Take(const Question& question, const Page& page);
  void BeginListing();

  GitHubClient& github_;
  const Subscription& subscription_;
  const std::string repo_url_;
  PullScan& scan_;
  // The lists of each pull request that are still to be read, the first one
  // being under way once the search is done.
  std::deque<Listing> listings_;
  bool resumed_;
  bool searched_ = false;
  bool part_over_ = false;  // of the search, or of the list under way

  absl::btree_set<int64_t> pulls_;
  std::deque<Question> todo_;
  uint32_t pages_done_ = 0;
  std::vector<Item> found_;
  bool found_in_pull_ = false;
  std::map<Listing, absl::Time> latest_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_INDEXED_HISTORY_H_
