#include "server/webhook_server.h"

#include <sys/socket.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "httplib.h"

#include "server/webhook.h"

namespace mentiond {
namespace {

// GitHub's deliveries about comments are some ten kilobytes; its limit is 25
// MiB, for pushes of many commits, which are of no interest here.
constexpr size_t kMaxBodyBytes = 2 << 20;
constexpr char kPath[] = "/hooks/github";
constexpr time_t kTimeoutSeconds = 10;
// Deliveries come one after another; more than these wait.
constexpr size_t kThreads = 4;

// The status with which to refuse a request before its body is read; 200: none.
// httplib limits only bodies with a length, and before they are decompressed.
int StatusBefore(const httplib::Request& request) {
  if (request.method != "POST" || request.path != kPath) return 404;
  if (request.has_header("Transfer-Encoding")) return 411;
  if (request.has_header("Content-Encoding")) return 415;
  uint64_t length = 0;
  if (!absl::SimpleAtoi(request.get_header_value("Content-Length"), &length)) {
    return 411;
  }
  return length > kMaxBodyBytes ? 413 : 200;
}

}  // namespace

class WebhookServer::Impl {
 public:
  Impl(Secret secret, Hint hint)
      : checker_(std::move(secret)), hint_(std::move(hint)) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_payload_max_length(kMaxBodyBytes);
    server_.set_read_timeout(kTimeoutSeconds);
    server_.set_write_timeout(kTimeoutSeconds);
    // A worker is not kept waiting for a next delivery, and a body that was not
    // read is not taken for one.
    server_.set_keep_alive_max_count(1);
    // By default httplib lets several programs share a port.
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    // Before a body is read.
    server_.set_pre_routing_handler(
        [](const httplib::Request& request, httplib::Response& response) {
          response.status = StatusBefore(request);
          return response.status == 200
                     ? httplib::Server::HandlerResponse::Unhandled
                     : httplib::Server::HandlerResponse::Handled;
        });
    server_.Post(kPath, [this](const httplib::Request& request,
                               httplib::Response& response) {
      Receive(request, response);
    });
  }

  ~Impl() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  // The bound port; negative: it cannot be bound.
  int Bind(const std::string& host, int port) {
    if (port == 0) return server_.bind_to_any_port(host);
    return server_.bind_to_port(host, port) ? port : -1;
  }

  void Listen() {
    thread_ = std::thread([this] {
      if (!server_.listen_after_bind()) {
        LOG(ERROR) << "no more webhooks are received";
      }
    });
    // stop() has no effect before that.
    while (!server_.is_running()) std::this_thread::yield();
  }

 private:
  void Receive(const httplib::Request& request, httplib::Response& response) {
    const std::string signature =
        request.get_header_value("X-Hub-Signature-256");
    const std::string event = request.get_header_value("X-GitHub-Event");
    const std::string id = request.get_header_value("X-GitHub-Delivery");
    const WebhookAnswer answer = checker_.Check({.signature = signature,
                                                 .event = event,
                                                 .id = id,
                                                 .body = request.body});
    if (answer.status == 401) {
      LOG_EVERY_N(WARNING, 100)
          << "a webhook delivery is not signed with the secret (the first, or "
             "one in a hundred)";
    }
    if (!answer.repo.empty()) hint_(answer.repo);
    response.status = answer.status;
    response.set_content(answer.text + "\n", "text/plain");
  }

  WebhookChecker checker_;
  const Hint hint_;
  httplib::Server server_;
  std::thread thread_;
};

absl::StatusOr<Secret> WebhookServer::ReadSecret(const std::string& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad() || !file.is_open()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path));
  }
  absl::StripAsciiWhitespace(&text);
  if (text.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is empty"));
  }
  return Secret(std::move(text));
}

absl::StatusOr<std::unique_ptr<WebhookServer>> WebhookServer::Start(
    const std::string& listen, Secret secret, Hint hint) {
  const size_t colon = listen.rfind(':');
  int port = -1;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat(listen, " is not ADDR:PORT"));
  }
  std::string host = listen.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  auto impl = std::make_unique<Impl>(std::move(secret), std::move(hint));
  const int bound = impl->Bind(host, port);
  if (bound < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", listen,
                     ": is the address right and the port free?"));
  }
  impl->Listen();
  return std::unique_ptr<WebhookServer>(new WebhookServer(
      std::move(impl), absl::StrCat(listen.substr(0, colon), ":", bound)));
}

WebhookServer::WebhookServer(std::unique_ptr<Impl> impl, std::string address)
    : impl_(std::move(impl)), address_(std::move(address)) {}

WebhookServer::~WebhookServer() = default;

}  // namespace mentiond
