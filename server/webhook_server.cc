#include "server/webhook_server.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "httplib.h"

#include "server/http_listener.h"
#include "server/webhook.h"

namespace mentiond {
namespace {

// GitHub's deliveries about comments are some ten kilobytes; its limit is 25
// MiB, for pushes of many commits, which are of no interest here.
constexpr size_t kMaxBodyBytes = 2 << 20;
constexpr char kPath[] = "/hooks/github";

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
      : checker_(std::move(secret)), hint_(std::move(hint)) {}

  absl::Status Start(const std::string& listen) {
    auto started = HttpListener::Start(
        listen, [this](httplib::Server& server) { AddRoutes(server); });
    if (!started.ok()) return started.status();
    listener_ = *std::move(started);
    return absl::OkStatus();
  }

  const std::string& address() const { return listener_->address(); }

 private:
  void AddRoutes(httplib::Server& server) {
    server.set_payload_max_length(kMaxBodyBytes);
    // Before a body is read.
    server.set_pre_routing_handler(
        [](const httplib::Request& request, httplib::Response& response) {
          response.status = StatusBefore(request);
          return response.status == 200
                     ? httplib::Server::HandlerResponse::Unhandled
                     : httplib::Server::HandlerResponse::Handled;
        });
    server.Post(kPath, [this](const httplib::Request& request,
                              httplib::Response& response) {
      Receive(request, response);
    });
  }

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
  // The last member: its threads use the others.
  std::unique_ptr<HttpListener> listener_;
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
  auto impl = std::make_unique<Impl>(std::move(secret), std::move(hint));
  absl::Status started = impl->Start(listen);
  if (!started.ok()) return started;
  return std::unique_ptr<WebhookServer>(new WebhookServer(std::move(impl)));
}

WebhookServer::WebhookServer(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

const std::string& WebhookServer::address() const { return impl_->address(); }

WebhookServer::~WebhookServer() = default;

}  // namespace mentiond
