#include "tests/fake_github/http_server.h"

#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

#include "tests/fake_github/connection.h"
#include "tests/fake_github/connection_threads.h"
#include "tests/fake_github/gzip.h"

namespace mentiond::fake_github {
namespace {

constexpr int kIdleTimeoutMs = 10 * 60 * 1000;
constexpr int kBacklog = 1024;

// What the caller wrote before the API's paths, so that the addresses in
// answers lead back the way that it came: what stands in front of us, as
// Enterprise Server's front does, says what that was.
std::string BaseUrl(const httplib::Request& http,
                    const std::string& default_base) {
  std::string host = http.get_header_value("X-Forwarded-Host");
  if (host.empty()) host = http.get_header_value("Host");
  if (host.empty()) return default_base;
  std::string scheme = http.get_header_value("X-Forwarded-Proto");
  if (scheme.empty()) scheme = "http";
  return absl::StrCat(scheme, "://", host,
                      http.get_header_value("X-Forwarded-Prefix"));
}

ApiRequest FromHttplib(const httplib::Request& http,
                       const std::string& default_base) {
  ApiRequest request;
  ParseTarget(http.target, request);
  request.method = http.method;
  request.base_url = BaseUrl(http, default_base);
  request.remote_address = http.remote_addr;
  request.user_agent = http.get_header_value("User-Agent");
  request.accept = http.get_header_value("Accept");
  request.accept_encoding = http.get_header_value("Accept-Encoding");
  request.token = TokenOf(http.get_header_value("Authorization"));
  request.if_none_match = http.get_header_value("If-None-Match");
  request.body = http.body;
  return request;
}

void ToHttplib(const ApiRequest& request, Delivery delivery,
               httplib::Response& http) {
  ApiAnswer& answer = delivery.answer;
  http.status = answer.status;
  for (const auto& [name, value] : answer.headers) {
    http.set_header(name, value);
  }
  if (!answer.body.empty() && !http.has_header("Content-Encoding") &&
      absl::StrContains(request.accept_encoding, "gzip")) {
    answer.body = Gzip(answer.body);
    http.set_header("Content-Encoding", "gzip");
  }
  if (answer.body.empty()) return;
  const size_t size = answer.body.size();
  const bool truncated = delivery.manner == Delivery::Manner::kTruncated;
  if (truncated) answer.body.resize(std::min(delivery.keep_bytes, size));
  // A provider rather than set_content, whose bodies cpp-httplib would
  // compress as it likes.
  http.set_content_provider(size, answer.content_type,
                            [part = std::move(answer.body), truncated](
                                size_t, size_t, httplib::DataSink& sink) {
                              sink.write(part.data(), part.size());
                              if (truncated) Connection::Current()->Drop();
                              return !truncated;
                            });
}

}  // namespace

class HttpServer::Impl : private httplib::Server {
 public:
  explicit Impl(HttpServer::Handler handler) : handler_(std::move(handler)) {
    set_tcp_nodelay(true);
    // Only for what it says in the Keep-Alive header: see Connection.
    set_keep_alive_max_count(1'000'000'000);
    set_keep_alive_timeout(kIdleTimeoutMs / 1000);
    new_task_queue = [this] {
      // The one sign from cpp-httplib that stop() will be heeded from now on.
      accepting_.Notify();
      return new ConnectionThreads();
    };
    const auto serve = [this](const httplib::Request& http,
                              httplib::Response& response) {
      Serve(http, response);
    };
    Get(".*", serve);
    Post(".*", serve);
    Patch(".*", serve);
    Delete(".*", serve);
    set_post_routing_handler(
        [](const httplib::Request&, httplib::Response& response) {
          // cpp-httplib says 0 here, which no GET of the same would say.
          if (response.status == 304) response.headers.erase("Content-Length");
        });
  }

  absl::StatusOr<int> Start(const std::string& host, int port) {
    const int bound = port == 0 ? bind_to_any_port(host)
                                : (bind_to_port(host, port) ? port : -1);
    if (bound <= 0) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen on ", host, ":", port));
    }
    // cpp-httplib requests 5, and a burst of clients waits for seconds then.
    ::listen(svr_sock_, kBacklog);
    base_url_ = absl::StrCat("http://", host, ":", bound);
    thread_ = std::thread([this] { listen_after_bind(); });
    accepting_.WaitForNotification();
    return bound;
  }

  void Stop() {
    if (!thread_.joinable()) return;
    stop();
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
      for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    }
    thread_.join();
  }

 private:
  void Serve(const httplib::Request& http, httplib::Response& response) {
    Connection* connection = Connection::Current();
    const ApiRequest request = FromHttplib(http, base_url_);
    Delivery delivery = handler_(request, connection->socket());
    if (delivery.manner == Delivery::Manner::kConnectionClosed) {
      connection->Drop();
      response.status = 500;  // never sent
      return;
    }
    ToHttplib(request, std::move(delivery), response);
  }

  // The life of one connection, on its own thread.
  bool process_and_close_socket(socket_t socket) override {
    {
      absl::MutexLock lock(&mu_);
      if (stopping_) {
        ::close(socket);
        return false;
      }
      sockets_.insert(socket);
    }
    Connection connection(socket);
    const Connection::Scope scope(&connection);
    bool closed = false;
    while (!closed && !connection.dropped() &&
           connection.WaitForRequest(kIdleTimeoutMs)) {
      if (!process_request(connection, /*close_connection=*/false, closed,
                           nullptr)) {
        break;
      }
    }
    {
      // Under the lock, as Stop() shuts down what is in the set: the number
      // may be another file's as soon as it is closed.
      absl::MutexLock lock(&mu_);
      sockets_.erase(socket);
    }
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
    return true;
  }

  const HttpServer::Handler handler_;
  std::string base_url_;
  std::thread thread_;
  absl::Notification accepting_;
  absl::Mutex mu_;
  std::set<int> sockets_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
};

HttpServer::HttpServer(Handler handler)
    : impl_(std::make_unique<Impl>(std::move(handler))) {}

HttpServer::~HttpServer() { Stop(); }

absl::StatusOr<int> HttpServer::Start(const std::string& host, int port) {
  return impl_->Start(host, port);
}

void HttpServer::Stop() { impl_->Stop(); }

}  // namespace mentiond::fake_github
