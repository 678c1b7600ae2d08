// A small HTTP server on a port of its own, for a few requests at a time.

#ifndef MENTIOND_SERVER_HTTP_LISTENER_H_
#define MENTIOND_SERVER_HTTP_LISTENER_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "httplib.h"

namespace mentiond {

class HttpListener {
 public:
  // Adds handlers to the server, which runs them on its threads.
  using AddRoutes = std::function<void(httplib::Server&)>;

  // Serves at `listen`, HOST:PORT, at once; port 0: any. INVALID_ARGUMENT if it
  // is not that, UNAVAILABLE if the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(
      const std::string& listen, const AddRoutes& add_routes);

  // Waits for requests in progress.
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  // HOST:PORT.
  const std::string& address() const { return address_; }

 private:
  HttpListener();

  void Listen();

  httplib::Server server_;
  std::string address_;
  std::thread thread_;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_HTTP_LISTENER_H_
