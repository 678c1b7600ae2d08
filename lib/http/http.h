// HTTP requests awaited on the event loop. The interface names no HTTP library,
// so that tests can substitute a fake.

#ifndef MENTIOND_LIB_HTTP_HTTP_H_
#define MENTIOND_LIB_HTTP_HTTP_H_

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/secret.h"

namespace mentiond {

// Header fields in the order of the wire; names compare without case
// (RFC 9110, section 5.1). All of them share one buffer: GitHub sends about
// thirty, few of which are read.
class HttpHeaders {
 public:
  // A name and its value.
  using Field = std::pair<std::string_view, std::string_view>;

  void Add(std::string_view name, std::string_view value) {
    if (ends_.empty()) Reserve();
    text_.append(name).append(value);
    ends_.push_back({text_.size() - value.size(), text_.size()});
  }

  // The first field of that name, or nullopt. What is returned, here and below,
  // is valid until the headers are changed.
  std::optional<std::string_view> Get(std::string_view name) const;

  class Iterator;
  Iterator begin() const;
  Iterator end() const;
  size_t size() const { return ends_.size(); }

 private:
  Field At(size_t i) const;
  // Room for a typical response's.
  void Reserve() {
    text_.reserve(1024);
    ends_.reserve(32);
  }

  struct Ends {
    size_t name;
    size_t value;
  };
  std::string text_;  // names and values, one after another
  std::vector<Ends> ends_;
};

class HttpHeaders::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Field;
  using reference = Field;
  using pointer = void;
  using difference_type = ptrdiff_t;

  Field operator*() const { return headers_->At(i_); }
  Iterator& operator++() {
    ++i_;
    return *this;
  }
  friend bool operator==(const Iterator&, const Iterator&) = default;

 private:
  friend class HttpHeaders;
  Iterator(const HttpHeaders* headers, size_t i) : headers_(headers), i_(i) {}

  const HttpHeaders* headers_;
  size_t i_;
};

inline HttpHeaders::Iterator HttpHeaders::begin() const { return {this, 0}; }
inline HttpHeaders::Iterator HttpHeaders::end() const { return {this, size()}; }

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

// `status`, an error for which no connection could be made: no server was
// reached, so it says nothing about the request.
absl::Status WithoutConnection(absl::Status status);
bool IsWithoutConnection(const absl::Status& status);

// Sends requests. One event-loop thread only.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  // Sends the request and returns the response, whatever its status code;
  // redirects are not followed. Errors: UNAVAILABLE when there is no response
  // (no connection, which IsWithoutConnection tells from the rest: name lookup,
  // connecting, TLS; reset, truncated), DEADLINE_EXCEEDED when it took too
  // long, RESOURCE_EXHAUSTED when it exceeds the transport's limits,
  // INVALID_ARGUMENT for an invalid URL, CANCELLED when the awaiting coroutine
  // was cancelled; the request is then aborted at once. `request` stays
  // unchanged until the call returns.
  virtual asio::awaitable<absl::StatusOr<HttpResponse>> Send(
      const HttpRequest& request) = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_HTTP_HTTP_H_
