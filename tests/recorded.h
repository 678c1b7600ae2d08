// Reads real exchanges with GitHub that were recorded by other projects' tests
// and lie beside the checkout.

#ifndef MENTIOND_TESTS_RECORDED_H_
#define MENTIOND_TESTS_RECORDED_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "lib/http/http.h"

namespace mentiond {

// The file, relative to the shared data, for SharedPath().
inline constexpr std::string_view kRecordedResponses =
    "github-api/recorded-responses.jsonl";

struct RecordedExchange {
  int line = 0;        // in the file, from 1: its name in a test's output
  std::string method;  // of the request
  std::string url;
  HttpResponse response;  // an absent body is empty
};

// The exchanges in the file at `path`, in its order. NOT_FOUND where it can't
// be opened, DATA_LOSS for a line that is no exchange, naming it.
absl::StatusOr<std::vector<RecordedExchange>> ReadRecordedExchanges(
    const std::string& path);

}  // namespace mentiond

#endif  // MENTIOND_TESTS_RECORDED_H_
