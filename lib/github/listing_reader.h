// Reads a listing from a given time to its end without missing an item that
// stays in it, however the items move while it is being read.
//
// In a listing ordered by last update, an edit moves an item to the end and
// shifts all behind it forward, so plain paging can miss one. The reader
// therefore requests page 1 again from the last update it has seen: a new
// window. Only within one second, where a window cannot advance, it follows the
// next links; it then reads that second again until two readings agree, since a
// shift between two of its pages would show as a difference, and continues with
// the second after it.

#ifndef MENTIOND_LIB_GITHUB_LISTING_READER_H_
#define MENTIOND_LIB_GITHUB_LISTING_READER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/github/repository.h"
#include "lib/github/types.h"
#include "lib/github/urls.h"

namespace mentiond {

// What to read of a repository-wide listing, and how.
struct ListingQuery {
  Listing listing;
  // From that second (inclusive); nullopt: from the beginning.
  std::optional<absl::Time> since = std::nullopt;
  Priority priority = Priority::kLive;
  // Old pages may come from the cache as they were at that time: what has
  // changed since then is on a later page.
  absl::Time good_since = absl::InfiniteFuture();
};

// One reading of one repository-wide listing. Loop thread only.
class ListingReader {
 public:
  // `repository` outlives it.
  ListingReader(Repository& repository, ListingQuery query);

  // Fetches the first page, so that pages_total() is known. The first Next()
  // returns it. Errors as Next().
  asio::awaitable<absl::Status> Open();

  // The next page, in ascending order of last update; null after the last.
  // Items repeat where windows overlap. Errors as GitHubClient::FetchPage;
  // after one, Next() requests the same page again.
  asio::awaitable<absl::StatusOr<std::shared_ptr<const Page>>> Next();

  Listing listing() const { return query_.listing; }

  // Whether the last page has been fetched.
  bool at_end() const { return url_.empty(); }

  // Pages fetched, and pages expected in total by GitHub's account with the
  // first (0: nothing fetched yet).
  uint32_t pages_done() const { return pages_done_; }
  uint32_t pages_total() const;

 private:
  // What one reading of the items in a single second has shown.
  struct Second {
    std::vector<int64_t> ids;
    // Its last page had later items too, so the second was over: what is not in
    // it by then will never be.
    bool over = false;

    friend bool operator==(const Second&, const Second&) = default;
  };

  asio::awaitable<absl::StatusOr<std::shared_ptr<const Page>>> Fetch();
  absl::Status Advance(const Page& page);
  absl::Status FinishSecond(absl::Time second,
                            std::optional<absl::Time> latest);
  void OpenWindow(std::optional<absl::Time> since);

  std::string WindowUrl() const;

  Repository& repository_;
  const ListingQuery query_;
  std::optional<absl::Time> since_;         // where the current window begins
  std::string url_;                         // the next page's; empty: the end
  std::shared_ptr<const Page> first_page_;  // fetched by Open

  uint32_t pages_in_window_ = 0;
  Second second_;                          // this reading of since_'s second
  std::optional<Second> previous_second_;  // the reading before
  int readings_of_second_ = 0;

  uint32_t pages_done_ = 0;
  uint32_t pages_expected_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_LISTING_READER_H_
