// HTTP requests awaited on the event loop. The interface names no HTTP library,
// so that tests can substitute a fake.

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
  // Set: a POST with this body, whose Content-Type is among `headers`. Not set:
  // a GET.
  std::optional<std::string> post_body = std::nullopt;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  // With content encodings decoded. It is cut short, unnoticed, where the
  // encoded bytes are truncated and Content-Length agrees with that.
  std::string body;
};

// Sends requests. One event-loop thread only.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  // Sends the request and returns the response, whatever its status code;
  // redirects are not followed. Errors: UNAVAILABLE when there is no response
  // (connection, name lookup, TLS, reset, truncated), DEADLINE_EXCEEDED when it
  // took too long, RESOURCE_EXHAUSTED when it exceeds the transport's limits,
  // INVALID_ARGUMENT for an invalid URL, CANCELLED when the awaiting coroutine
  // was cancelled; the request is then aborted at once.
  virtual asio::awaitable<absl::StatusOr<HttpResponse>> Send(
      HttpRequest request) = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_HTTP_HTTP_H_
