#include "server/http_listener.h"

#include <sys/socket.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

#include "server/listen_address.h"

namespace mentiond {
namespace {

constexpr size_t kMaxBodyBytes = 1024;
constexpr time_t kTimeoutSeconds = 10;
// Requests are few and short; more than these wait.
constexpr size_t kThreads = 4;

}  // namespace

HttpListener::HttpListener() {
  server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server_.set_read_timeout(kTimeoutSeconds);
  server_.set_write_timeout(kTimeoutSeconds);
  // A thread is not kept waiting for a next request, and a body that was not
  // read is not taken for one.
  server_.set_keep_alive_max_count(1);
  // Where larger bodies are expected, routes change these: otherwise a body is
  // read into memory before its route is looked for.
  server_.set_payload_max_length(kMaxBodyBytes);
  server_.set_pre_routing_handler(
      [](const httplib::Request& request, httplib::Response& response) {
        const bool refused = request.has_header("Transfer-Encoding") ||
                             request.has_header("Content-Encoding");
        if (!refused) return httplib::Server::HandlerResponse::Unhandled;
        response.status = 411;
        return httplib::Server::HandlerResponse::Handled;
      });
  // By default httplib lets several programs share a port.
  server_.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
}

HttpListener::~HttpListener() {
  server_.stop();
  if (thread_.joinable()) thread_.join();
}

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(
    const std::string& listen, const AddRoutes& add_routes) {
  const std::optional<ListenAddress> address = ParseListenAddress(listen);
  if (!address) {
    return absl::InvalidArgumentError(
        absl::StrCat(listen, " is not ADDR:PORT"));
  }
  std::unique_ptr<HttpListener> listener(new HttpListener);
  add_routes(listener->server_);
  httplib::Server& server = listener->server_;
  int port = address->port;
  if (port == 0) {
    port = server.bind_to_any_port(address->host);
  } else if (!server.bind_to_port(address->host, port)) {
    port = -1;
  }
  if (port < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", listen,
                     ": is the address right and the port free?"));
  }
  listener->address_ = WithPort(listen, static_cast<uint16_t>(port));
  listener->Listen();
  return listener;
}

void HttpListener::Listen() {
  thread_ = std::thread([this] {
    if (!server_.listen_after_bind()) {
      LOG(ERROR) << "no more requests are served at " << address_;
    }
  });
  // stop() has no effect before that.
  while (!server_.is_running()) std::this_thread::yield();
}

}  // namespace mentiond
