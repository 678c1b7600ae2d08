// HttpTransport on libcurl: HTTP/1.1 and, over TLS, HTTP/2; connections are
// reused and shared; everything it receives is bounded.

#ifndef MENTIOND_LIB_HTTP_CURL_TRANSPORT_H_
#define MENTIOND_LIB_HTTP_CURL_TRANSPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"

#include "lib/http/curl_event_loop.h"
#include "lib/http/curl_handles.h"
#include "lib/http/http.h"

namespace mentiond {

struct CurlTransportOptions {
  absl::Duration connect_timeout = absl::Seconds(10);
  // From the start of a request to its last byte.
  absl::Duration total_timeout = absl::Seconds(60);
  // Connections that are kept for later requests.
  int max_idle_connections = 1000;
  // After content decoding. A full page of GitHub's largest bodies (100 of
  // 262,144 bytes) fits even where JSON escapes double them.
  size_t max_body_bytes = 64 << 20;
  // All header lines of one response together.
  size_t max_header_bytes = 128 << 10;
  // A file of PEM certificates to trust instead of the system's; empty: the
  // system's.
  std::string ca_file;
};

// Loop thread only, and destroyed there or after the loop has ended.
class CurlTransport final : public HttpTransport {
 public:
  CurlTransport(const asio::any_io_executor& executor,
                CurlTransportOptions options);

  asio::awaitable<absl::StatusOr<HttpResponse>> Send(
      const HttpRequest& request) override;

  // Open ones, idle ones too.
  size_t connections() const { return loop_.sockets(); }

 private:
  class Transfer;

  CurlEasy MakeHandle();
  CurlEasy TakeHandle();
  void KeepHandle(CurlEasy handle);

  const CurlTransportOptions options_;
  CurlEventLoop loop_;
  std::vector<CurlEasy> idle_;  // not in use
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_HTTP_CURL_TRANSPORT_H_
