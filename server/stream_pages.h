// The page /streams, for people and for programs.

#ifndef MENTIOND_SERVER_STREAM_PAGES_H_
#define MENTIOND_SERVER_STREAM_PAGES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "lib/stream/stream_view.h"

namespace mentiond {

struct StreamPage {
  size_t open = 0;  // streams, on all pages
  std::vector<StreamView> streams;
  // Event loops that did not answer: their streams are missing.
  size_t silent_loops = 0;
  // The `after` of the next page; nullopt: this is the last.
  std::optional<StreamId> next;
  std::vector<StreamView> ended;  // on the first page only
  StreamFilter filter;
  absl::Time now;
};

// Both pure. Values from outside are escaped.
std::string StreamPageJson(const StreamPage& page);
std::string StreamPageHtml(const StreamPage& page);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_STREAM_PAGES_H_
