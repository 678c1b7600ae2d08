#include "tests/fake_github/http_server.h"

#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

#include "tests/fake_github/gzip.h"

namespace mentiond::fake_github {
namespace {

constexpr int kIdleTimeoutMs = 10 * 60 * 1000;
constexpr int kBacklog = 1024;

// One connection, in the shape that cpp-httplib reads requests from and writes
// responses to. Its own looks a hundred times a second whether an idle
// connection has anything to read, cannot be cut off while idle, and is never
// closed without a response.
//
// For one thread; but `shutdown` on its socket, from any thread, ends every
// wait here at once.
class Connection : public httplib::Stream {
 public:
  explicit Connection(int socket) : socket_(socket) {
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }

  // Waits for the next request; false when there will be none (the peer has
  // closed, or nothing came for long).
  bool WaitForRequest() {
    return begin_ < end_ || (Poll(kIdleTimeoutMs) && Fill());
  }

  // From now on nothing is sent; the connection ends after this request.
  void Drop() { dropped_ = true; }
  bool dropped() const { return dropped_; }

  bool is_readable() const override { return begin_ < end_ || Poll(0); }
  bool is_writable() const override { return !dropped_; }
  ssize_t read(char* ptr, size_t size) override {
    if (begin_ == end_ && !Fill()) return 0;
    const size_t taken = std::min(size, end_ - begin_);
    std::memcpy(ptr, buffer_.data() + begin_, taken);
    begin_ += taken;
    return static_cast<ssize_t>(taken);
  }
  ssize_t write(const char* ptr, size_t size) override {
    return dropped_ ? -1 : send(socket_, ptr, size, MSG_NOSIGNAL);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return socket_; }

 private:
  bool Poll(int timeout_ms) const {
    pollfd watched = {socket_, POLLIN, 0};
    return poll(&watched, 1, timeout_ms) > 0;
  }
  bool Fill() {
    const ssize_t got = recv(socket_, buffer_.data(), buffer_.size(), 0);
    begin_ = 0;
    end_ = got > 0 ? static_cast<size_t>(got) : 0;
    return got > 0;
  }

  const int socket_;
  bool dropped_ = false;
  std::array<char, 4096> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

// That whose request this thread is answering.
thread_local Connection* current_connection = nullptr;

// A thread for each connection, so that those which hang on purpose stop nobody
// else.
class ConnectionThreads : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override {
    {
      absl::MutexLock lock(&mu_);
      ++running_;
    }
    std::thread([this, task = std::move(task)] {
      task();
      absl::MutexLock lock(&mu_);
      --running_;
    }).detach();
  }
  void shutdown() override {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(
        +[](int* running) { return *running == 0; }, &running_));
  }

 private:
  absl::Mutex mu_;
  int running_ ABSL_GUARDED_BY(mu_) = 0;
};

// What the caller wrote before the API's paths, so that the addresses in
// answers lead back the way that it came: what stands in front of us, as
// Enterprise Server's front does, says what that was.
std::string BaseUrl(const httplib::Request& http) {
  std::string host = http.get_header_value("X-Forwarded-Host");
  if (host.empty()) host = http.get_header_value("Host");
  std::string scheme = http.get_header_value("X-Forwarded-Proto");
  if (scheme.empty()) scheme = "http";
  return absl::StrCat(scheme, "://", host,
                      http.get_header_value("X-Forwarded-Prefix"));
}

// The token in "Bearer X"; empty when it is something else.
std::string TokenOf(const std::string& authorization) {
  absl::string_view text = authorization;
  return absl::ConsumePrefix(&text, "Bearer ")
             ? std::string(absl::StripAsciiWhitespace(text))
             : "";
}

ApiRequest FromHttplib(const httplib::Request& http) {
  ApiRequest request;
  ParseTarget(http.target, request);
  request.method = http.method;
  request.base_url = BaseUrl(http);
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
  if (answer.body.empty()) return;
  if (absl::StrContains(request.accept_encoding, "gzip")) {
    answer.body = Gzip(answer.body);
    http.set_header("Content-Encoding", "gzip");
  }
  const size_t size = answer.body.size();
  const bool truncated = delivery.manner == Delivery::Manner::kTruncated;
  if (truncated) answer.body.resize(std::min(delivery.keep_bytes, size));
  // A provider rather than set_content, whose bodies cpp-httplib would
  // compress as it likes.
  http.set_content_provider(size, answer.content_type,
                            [part = std::move(answer.body), truncated](
                                size_t, size_t, httplib::DataSink& sink) {
                              sink.write(part.data(), part.size());
                              if (truncated) current_connection->Drop();
                              return !truncated;
                            });
}

}  // namespace

class HttpServer::Impl : private httplib::Server {
 public:
  explicit Impl(HttpServer::Handler handler) : handler_(std::move(handler)) {
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
      const ApiRequest request = FromHttplib(http);
      Delivery delivery = handler_(request, current_connection->socket());
      if (delivery.manner == Delivery::Manner::kConnectionClosed) {
        current_connection->Drop();
        response.status = 500;  // never sent
        return;
      }
      ToHttplib(request, std::move(delivery), response);
    };
    Get(".*", serve);
    Post(".*", serve);
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
  // The life of one connection, on its own thread.
  bool process_and_close_socket(socket_t socket) override {
    {
      absl::MutexLock lock(&mu_);
      if (stopping_) ::shutdown(socket, SHUT_RDWR);
      sockets_.insert(socket);
    }
    Connection connection(socket);
    current_connection = &connection;
    bool closed = false;
    while (!closed && !connection.dropped() && connection.WaitForRequest() &&
           process_request(connection, /*close_connection=*/false, closed,
                           nullptr)) {
    }
    current_connection = nullptr;
    // Under the lock, as Stop() shuts down what is in the set: the number may
    // be another file's as soon as it is closed.
    absl::MutexLock lock(&mu_);
    sockets_.erase(socket);
    ::close(socket);
    return true;
  }

  const HttpServer::Handler handler_;
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
