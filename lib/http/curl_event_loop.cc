#include "lib/http/curl_event_loop.h"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "asio/posix/stream_descriptor.hpp"
#include "asio/post.hpp"

namespace mentiond {

// One descriptor of libcurl's. The waits hold it by shared_ptr: they may still
// be queued when libcurl has done with the descriptor.
//
// A connection stays registered with the kernel until it is closed, although
// libcurl loses interest in it after each transfer. Other descriptors, those of
// name lookups, are closed without notice and must be forgotten at once.
struct CurlEventLoop::Socket {
  Socket(const asio::any_io_executor& executor, curl_socket_t socket)
      : fd(socket), descriptor(executor, socket) {}
  // libcurl closes its descriptors itself.
  ~Socket() { Release(); }

  void Release() {
    wanted = 0;
    if (descriptor.is_open()) descriptor.release();
  }

  curl_socket_t fd;
  asio::posix::stream_descriptor descriptor;
  bool is_connection = false;
  int wanted = 0;  // CURL_POLL_IN | CURL_POLL_OUT
  bool waiting_to_read = false;
  bool waiting_to_write = false;
};

CurlEventLoop::CurlEventLoop(asio::any_io_executor executor, OnDone on_done)
    : executor_(std::move(executor)),
      on_done_(std::move(on_done)),
      timer_(executor_) {
  EnsureCurlInitialised();
  multi_.reset(curl_multi_init());
  curl_multi_setopt(multi(), CURLMOPT_SOCKETFUNCTION, &SocketCallback);
  curl_multi_setopt(multi(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi(), CURLMOPT_TIMERFUNCTION, &TimerCallback);
  curl_multi_setopt(multi(), CURLMOPT_TIMERDATA, this);
}

CurlEventLoop::~CurlEventLoop() {
  // Clean-up tells the callbacks of every connection it closes.
  multi_.reset();
  for (auto& [fd, socket] : sockets_) socket->Release();
}

void CurlEventLoop::Add(CURL* easy) { curl_multi_add_handle(multi(), easy); }

void CurlEventLoop::Remove(CURL* easy) {
  curl_multi_remove_handle(multi(), easy);
}

int CurlEventLoop::SocketCallback(CURL*, curl_socket_t fd, int what, void* self,
                                  void*) noexcept {
  static_cast<CurlEventLoop*>(self)->Watch(fd, what);
  return 0;
}

int CurlEventLoop::TimerCallback(CURLM*, long timeout_ms,  // NOLINT
                                 void* self) noexcept {
  static_cast<CurlEventLoop*>(self)->SetTimer(timeout_ms);
  return 0;
}

void CurlEventLoop::Prepare(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &CloseSocket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
}

curl_socket_t CurlEventLoop::OpenSocket(void* self, curlsocktype,
                                        curl_sockaddr* address) noexcept {
  const curl_socket_t fd = ::socket(
      address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd != CURL_SOCKET_BAD) {
    static_cast<CurlEventLoop*>(self)->SocketOf(fd)->is_connection = true;
  }
  return fd;
}

int CurlEventLoop::CloseSocket(void* self, curl_socket_t fd) noexcept {
  static_cast<CurlEventLoop*>(self)->Forget(fd);
  return ::close(fd);
}

std::shared_ptr<CurlEventLoop::Socket>& CurlEventLoop::SocketOf(
    curl_socket_t fd) {
  std::shared_ptr<Socket>& socket = sockets_[fd];
  if (socket == nullptr) socket = std::make_shared<Socket>(executor_, fd);
  return socket;
}

void CurlEventLoop::Forget(curl_socket_t fd) {
  const auto found = sockets_.find(fd);
  if (found == sockets_.end()) return;
  found->second->Release();
  sockets_.erase(found);
}

void CurlEventLoop::Watch(curl_socket_t fd, int what) {
  if (what != CURL_POLL_REMOVE) {
    const std::shared_ptr<Socket>& socket = SocketOf(fd);
    socket->wanted = what;
    Arm(socket);
    return;
  }
  const auto found = sockets_.find(fd);
  if (found == sockets_.end()) return;
  found->second->wanted = 0;
  if (!found->second->is_connection) Forget(fd);
}

void CurlEventLoop::Arm(const std::shared_ptr<Socket>& socket) {
  if ((socket->wanted & CURL_POLL_IN) != 0 && !socket->waiting_to_read) {
    Wait(socket, /*for_write=*/false);
  }
  if ((socket->wanted & CURL_POLL_OUT) != 0 && !socket->waiting_to_write) {
    Wait(socket, /*for_write=*/true);
  }
}

void CurlEventLoop::Wait(const std::shared_ptr<Socket>& socket,
                         bool for_write) {
  bool Socket::*const waiting =
      for_write ? &Socket::waiting_to_write : &Socket::waiting_to_read;
  const int poll = for_write ? CURL_POLL_OUT : CURL_POLL_IN;
  (*socket).*waiting = true;
  socket->descriptor.async_wait(
      for_write ? asio::posix::stream_descriptor::wait_write
                : asio::posix::stream_descriptor::wait_read,
      [this, socket, waiting, poll](const asio::error_code& error) {
        (*socket).*waiting = false;
        // Released while this was queued, or no longer of interest: a new wait
        // begins when libcurl requests it again.
        if ((socket->wanted & poll) == 0) return;
        if (error == asio::error::operation_aborted) return;
        Act(socket->fd,
            poll == CURL_POLL_OUT ? CURL_CSELECT_OUT : CURL_CSELECT_IN);
        Arm(socket);
      });
}

void CurlEventLoop::SetTimer(long timeout_ms) {  // NOLINT: libcurl's type
  if (timeout_ms < 0) {
    timer_.cancel();
    return;
  }
  const auto act = [this, alive = std::weak_ptr<char>(alive_)](
                       const asio::error_code& error) {
    // Due already, and queued, when this was destroyed: no cancelling then.
    if (error || alive.expired()) return;
    Act(CURL_SOCKET_TIMEOUT, 0);
  };
  // Even "now" goes by way of the loop: libcurl must not be called from within
  // its own callback. It says "now" for each request, and setting a timer would
  // be a system call.
  if (timeout_ms == 0) {
    timer_.cancel();
    if (std::exchange(act_posted_, true)) return;
    asio::post(executor_, [this, act, alive = std::weak_ptr<char>(alive_)] {
      if (alive.expired()) return;
      act_posted_ = false;
      act({});
    });
    return;
  }
  timer_.expires_after(std::chrono::milliseconds(timeout_ms));
  timer_.async_wait(act);
}

void CurlEventLoop::Act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi(), fd, events, &running);
  ReportDone();
}

void CurlEventLoop::ReportDone() {
  int queued = 0;
  while (CURLMsg* message = curl_multi_info_read(multi(), &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    // The message dies with the removal: take what is in it first.
    const CURLcode result = message->data.result;
    curl_multi_remove_handle(multi(), easy);
    on_done_(easy, result);
  }
}

}  // namespace mentiond
