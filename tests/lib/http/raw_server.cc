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

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int NewSocket(int flags = 0) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  Require(fd >= 0, "socket");
  return fd;
}

bool Connect(int fd, const sockaddr_in& address) {
  return connect(fd, reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)) == 0;
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

bool RawConnection::Receive() {
  std::array<char, 4096> buffer;
  const ssize_t bytes = recv(fd_, buffer.data(), buffer.size(), 0);
  if (bytes > 0) received_.append(buffer.data(), static_cast<size_t>(bytes));
  return bytes > 0;
}

std::string RawConnection::ReadRequest() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  size_t end;
  while ((end = received_.find(kEnd)) == std::string::npos) {
    if (!Receive()) return "";
  }
  return ReadBody(end + kEnd.size());
}

std::string RawConnection::ReadBody(size_t bytes) {
  while (received_.size() < bytes && Receive()) {
  }
  std::string body = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return body;
}

bool RawConnection::Send(std::string_view bytes) { return SendAll(fd_, bytes); }

void RawConnection::AwaitClose() {
  while (Receive()) received_.clear();
}

void RawConnection::RelayTo(int port) {
  const int other = NewSocket();
  bool both_open = Connect(other, Loopback(port));
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

LocalPort::LocalPort() : fd_(NewSocket()), address_(Loopback(0)) {
  auto* const address = reinterpret_cast<sockaddr*>(&address_);
  socklen_t size = sizeof(address_);
  Require(bind(fd_, address, size) == 0, "bind");
  Require(getsockname(fd_, address, &size) == 0, "getsockname");
  url_ = absl::StrCat("http://127.0.0.1:", ntohs(address_.sin_port));
}

LocalPort::~LocalPort() { close(fd_); }

RawServer::RawServer(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
  Require(listen(listener_.fd(), SOMAXCONN) == 0, "listen");
  acceptor_ = std::thread([this] { Accept(); });
}

RawServer::~RawServer() {
  std::list<std::thread> threads;
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  shutdown(listener_.fd(), SHUT_RDWR);  // ends accept()
  acceptor_.join();
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
    const int fd = accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
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

DeafPort::DeafPort() {
  Require(listen(listener_.fd(), 0) == 0, "listen");
  // Linux queues one more than it was told; the others wait for a place.
  for (int i = 0; i < 4; ++i) {
    fillers_.push_back(NewSocket(SOCK_NONBLOCK));
    (void)Connect(fillers_.back(), listener_.address());
  }
}

DeafPort::~DeafPort() {
  for (const int filler : fillers_) close(filler);
}

}  // namespace mentiond
