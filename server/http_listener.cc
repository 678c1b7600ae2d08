#include "server/http_listener.h"

#include <utility>

#include "server/connection_threads.h"

namespace mentiond {
namespace {

constexpr size_t kMaxBodyBytes = 1024;
// Of all header lines together; httplib limits each.
constexpr size_t kMaxHeaderBytes = 64 << 10;

}  // namespace

class HttpListener::Server final : public httplib::Server {
 public:
  explicit Server(const HttpLimits& limits)
      : threads_(limits, [this](BoundedStream& stream) { Serve(stream); }) {
    // Where larger bodies are expected, routes change these: otherwise a body
    // is read into memory before its route is looked for.
    set_payload_max_length(kMaxBodyBytes);
    set_pre_routing_handler(
        [](const httplib::Request& request, httplib::Response& response) {
          const bool refused = request.has_header("Transfer-Encoding") ||
                               request.has_header("Content-Encoding");
          if (!refused) return HandlerResponse::Unhandled;
          response.status = 411;
          return HandlerResponse::Handled;
        });
  }

  // Any thread. The socket is closed when the request has been answered.
  void Add(int socket) {
    threads_.Add(socket, kMaxHeaderBytes + payload_max_length_);
  }

 private:
  void Serve(BoundedStream& stream) {
    bool closed = false;
    // One request: a thread is not kept waiting for a next one, and a body that
    // was not read is not taken for one.
    process_request(stream, /*close_connection=*/true, closed,
                    [](httplib::Request& request) {
                      // A thousand ranges would make a response a thousand
                      // times as large.
                      request.ranges.clear();
                    });
  }

  // The last member: its threads use the others.
  ConnectionThreads threads_;
};

HttpListener::HttpListener(std::unique_ptr<Server> server,
                           std::unique_ptr<ConnectionAcceptor> acceptor)
    : server_(std::move(server)), acceptor_(std::move(acceptor)) {
  acceptor_->Start([this](int socket) { server_->Add(socket); });
}

HttpListener::~HttpListener() = default;

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(
    const std::string& listen, const AddRoutes& add_routes,
    const HttpLimits& limits) {
  auto acceptor = ConnectionAcceptor::Bind(listen, {});
  if (!acceptor.ok()) return acceptor.status();
  auto server = std::make_unique<Server>(limits);
  add_routes(*server);
  return std::unique_ptr<HttpListener>(
      new HttpListener(std::move(server), *std::move(acceptor)));
}

}  // namespace mentiond
