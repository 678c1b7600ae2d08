// HTTP as the rooms above see it: GET requests, awaited on the event loop. The
// interface names no HTTP library, so that tests answer in its place.

#ifndef MENTIOND_LIB_HTTP_HTTP_H_
#define MENTIOND_LIB_HTTP_HTTP_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/secret.h"

namespace mentiond {

// Header fields in the order of the wire; names compare without case
// (RFC 9110, section 5.1).
class HttpHeaders {
 public:
  void Add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }

  // The first field of that name, or nullopt.
  std::optional<std::string_view> Get(std::string_view name) const;

  size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string url;
  HttpHeaders headers;
  Secret bearer;  // sent as `Authorization: Bearer ...` when not empty
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  // Decoded: content encodings are undone. That the encoded bytes end too soon
  // is not noticed where their count is right: then this ends too soon.
  std::string body;
};

// Sends requests. One event-loop thread only.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  // Sends a GET and returns the answer, whatever its status code; redirects
  // are answers too. Errors: UNAVAILABLE when there is no answer (no
  // connection, no name, TLS, reset, truncated), DEADLINE_EXCEEDED when it took
  // too long, RESOURCE_EXHAUSTED when it is larger than the transport's bounds,
  // INVALID_ARGUMENT for a URL that is none, CANCELLED when the awaiting
  // coroutine was cancelled; the request is then aborted at once.
  virtual asio::awaitable<absl::StatusOr<HttpResponse>> Get(
      HttpRequest request) = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_HTTP_HTTP_H_
