#include "server/http_listener.h"

#include <sys/socket.h>

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace mentiond {
namespace {

constexpr size_t kMaxBodyBytes = 1024;
constexpr time_t kTimeoutSeconds = 10;
// Requests are few and short; more than these wait.
constexpr size_t kThreads = 4;

struct Address {
  std::string host;  // without brackets
  int port = 0;
};

std::optional<Address> Parse(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  Address address;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &address.port) ||
      address.port < 0 || address.port > 65535) {
    return std::nullopt;
  }
  address.host = listen.substr(0, colon);
  if (address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  return address;
}

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
  const std::optional<Address> address = Parse(listen);
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
  listener->address_ =
      absl::StrCat(listen.substr(0, listen.rfind(':')), ":", port);
  listener->Listen();
  return listener;
}

bool HttpListener::IsLoopback(const std::string& listen) {
  const std::optional<Address> address = Parse(listen);
  return address && (address->host == "localhost" || address->host == "::1" ||
                     absl::StartsWith(address->host, "127."));
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
