// A small HTTP server on a port of its own. Of httplib it uses the protocol,
// not the threads: those would wait for slow clients, while others wait for
// them.

#ifndef MENTIOND_SERVER_HTTP_LISTENER_H_
#define MENTIOND_SERVER_HTTP_LISTENER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "httplib.h"

#include "server/bounded_stream.h"
#include "server/connection_acceptor.h"

namespace mentiond {

class HttpListener {
 public:
  // Adds handlers to the server, which runs them on its threads, many at a
  // time.
  using AddRoutes = std::function<void(httplib::Server&)>;

  // Serves at `listen`, HOST:PORT, at once; port 0: any. INVALID_ARGUMENT if it
  // is not that, UNAVAILABLE if the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(
      const std::string& listen, const AddRoutes& add_routes,
      const HttpLimits& limits = {});

  // Waits for requests that are being answered, not for slow clients.
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  // HOST:PORT.
  const std::string& address() const { return acceptor_->address(); }

 private:
  class Server;

  HttpListener(std::unique_ptr<Server> server,
               std::unique_ptr<ConnectionAcceptor> acceptor);

  const std::unique_ptr<Server> server_;
  // The last member: it hands connections to the server.
  const std::unique_ptr<ConnectionAcceptor> acceptor_;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_HTTP_LISTENER_H_
