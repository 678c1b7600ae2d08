// The HTTP/1.1 side of the stand-in GitHub: cpp-httplib parses and routes,
// with connections that can be dropped, cut short and stopped at once.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_HTTP_SERVER_H_
#define MENTIOND_TESTS_FAKE_GITHUB_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "tests/fake_github/api_request.h"
#include "tests/fake_github/front.h"

namespace mentiond::fake_github {

class HttpServer {
 public:
  // Called on the connection's own thread; may block. `socket` is for waiting
  // for the client's going away only.
  using Handler = std::function<Delivery(const ApiRequest&, int socket)>;

  explicit HttpServer(Handler handler);
  // Stops.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Listens on `host`:`port` (0: any free one) and returns the port. One
  // thread for each open connection. Once only.
  absl::StatusOr<int> Start(const std::string& host, int port);

  // Closes all connections and waits for all threads. A handler that blocks
  // must notice that its socket was shut down. More than once is fine.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_HTTP_SERVER_H_
