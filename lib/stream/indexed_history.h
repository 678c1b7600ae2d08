// The history of a large repository by way of GitHub's search: it knows which
// pull requests mention a user, and then only those are read.
//
// The index lags, so what it was asked about is only what is older than a few
// minutes; ReadOnFrom() says from when the listings have to be read after it.

#ifndef MENTIOND_LIB_STREAM_INDEXED_HISTORY_H_
#define MENTIOND_LIB_STREAM_INDEXED_HISTORY_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/clock.h"
#include "lib/github/github_client.h"
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
  IndexedHistory(GitHubClient& github, const Clock& clock,
                 const Subscription& subscription, std::string repo_url);

  // Whether asking the index at all can be worth it: it has only pull requests,
  // and for a small repository the listings are as good.
  static bool IsCandidate(const PlainCost& plain,
                          const Subscription& subscription);

  // Asks the index. False: read the listings instead, as GitHub can't tell, or
  // tells of so many pull requests that it would not be cheaper.
  asio::awaitable<bool> IsCheaperThan(PlainCost plain);

  // Reads one page more; false: there is none. After an error (as
  // GitHubClient::FetchPage's) the next call asks for the same page.
  asio::awaitable<absl::StatusOr<bool>> Step();

  // What was found and may mention the user, of the sources wanted; oldest
  // first within a source.
  std::vector<Item> TakeFound();

  // From when the listing has to be read for what the index did not know.
  absl::Time ReadOnFrom(Listing listing) const;

  uint32_t pages_done() const { return pages_done_; }
  uint32_t pages_total() const {
    return pages_done_ + static_cast<uint32_t>(todo_.size());
  }

 private:
  struct Question {
    Listing listing;
    std::string url;
    bool probe = false;  // asks for nothing but the latest item's time
  };

  void Take(const Question& question, const Page& page);
  bool Wants(const Item& item) const;

  GitHubClient& github_;
  const Subscription& subscription_;
  const std::string repo_url_;
  const absl::Time began_;
  std::vector<Listing> per_pull_;  // the lists to read of each pull request

  std::deque<Question> todo_;
  uint32_t pages_done_ = 0;
  std::vector<Item> found_;
  std::map<Listing, absl::Time> latest_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_INDEXED_HISTORY_H_
