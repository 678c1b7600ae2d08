#include "tests/lib/http/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mentiond {
namespace {

// A test has no use for a machine without sockets.
void Require(bool condition, const char* what) {
  if (condition) return;
  perror(what);
  std::abort();
}

// A socket bound to a free port of 127.0.0.1.
int BindAnyPort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Require(fd >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Require(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0,
          "bind");
  return fd;
}

std::string UrlOf(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  Require(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0,
          "getsockname");
  return absl::StrCat("http://127.0.0.1:", ntohs(address.sin_port));
}

// False when the peer has gone.
bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

std::string RawConnection::ReadRequest() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  while (true) {
    if (const size_t end = received_.find(kEnd); end != std::string::npos) {
      std::string request = received_.substr(0, end + kEnd.size());
      received_.erase(0, end + kEnd.size());
      return request;
    }
    std::array<char, 4096> buffer;
    const ssize_t bytes = recv(fd_, buffer.data(), buffer.size(), 0);
    if (bytes <= 0) return "";
    received_.append(buffer.data(), static_cast<size_t>(bytes));
  }
}

bool RawConnection::Send(std::string_view bytes) { return SendAll(fd_, bytes); }

void RawConnection::AwaitClose() {
  std::array<char, 4096> ignored;
  while (recv(fd_, ignored.data(), ignored.size(), 0) > 0) {
  }
}

void RawConnection::RelayTo(int port) {
  const int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Require(other >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  bool both_open = connect(other, reinterpret_cast<sockaddr*>(&address),
                           sizeof(address)) == 0;
  // Read already, together with a request.
  if (!received_.empty()) {
    both_open = both_open && SendAll(other, received_);
    received_.clear();
  }
  std::array<pollfd, 2> sides = {
      {{.fd = fd_, .events = POLLIN}, {.fd = other, .events = POLLIN}}};
  while (both_open && poll(sides.data(), sides.size(), -1) > 0) {
    for (size_t i = 0; i < sides.size() && both_open; ++i) {
      if (sides[i].revents == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t bytes = recv(sides[i].fd, buffer.data(), buffer.size(), 0);
      both_open =
          bytes > 0 &&
          SendAll(sides[1 - i].fd, {buffer.data(), static_cast<size_t>(bytes)});
    }
  }
  close(other);
}

void RawConnection::ResetWhenClosed() {
  const linger hard = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

RawServer::RawServer(Behaviour behaviour)
    : behaviour_(std::move(behaviour)), listener_(BindAnyPort()) {
  Require(listen(listener_, SOMAXCONN) == 0, "listen");
  url_ = UrlOf(listener_);
  acceptor_ = std::thread([this] { Accept(); });
}

RawServer::~RawServer() {
  std::list<std::thread> threads;
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);  // ends accept()
  acceptor_.join();
  close(listener_);
  {
    const absl::MutexLock lock(&mutex_);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
}

size_t RawServer::accepted() const {
  const absl::MutexLock lock(&mutex_);
  return accepted_;
}

void RawServer::AwaitIdle() const {
  const auto idle = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return open_.empty();
  };
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&idle));
}

void RawServer::Accept() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const absl::MutexLock lock(&mutex_);
    if (stopping_) {
      close(fd);
      return;
    }
    ++accepted_;
    open_.insert(fd);
    threads_.emplace_back([this, fd] { Serve(fd); });
  }
}

void RawServer::Serve(int fd) {
  RawConnection connection(fd);
  behaviour_(connection);
  const absl::MutexLock lock(&mutex_);
  close(fd);  // under the lock: its number may be given out again
  open_.erase(fd);
}

DeadPort::DeadPort() : fd_(BindAnyPort()), url_(UrlOf(fd_)) {}

DeadPort::~DeadPort() { close(fd_); }

DeafPort::DeafPort() : fd_(BindAnyPort()), url_(UrlOf(fd_)) {
  Require(listen(fd_, 0) == 0, "listen");
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  Require(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
          "getsockname");
  // Linux queues one more than it was told; the others wait for a place.
  for (int i = 0; i < 4; ++i) {
    const int filler =
        socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    Require(filler >= 0, "socket");
    (void)connect(filler, reinterpret_cast<sockaddr*>(&address),
                  sizeof(address));
    fillers_.push_back(filler);
  }
}

DeafPort::~DeafPort() {
  for (const int filler : fillers_) close(filler);
  close(fd_);
}

}  // namespace mentiond
