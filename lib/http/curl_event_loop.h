// libcurl's multi-socket interface on an Asio event loop: libcurl says which
// descriptors it waits for and when it wants to be called; Asio does the
// waiting. https://curl.se/libcurl/c/libcurl-multi.html ("multi_socket")

#ifndef MENTIOND_LIB_HTTP_CURL_EVENT_LOOP_H_
#define MENTIOND_LIB_HTTP_CURL_EVENT_LOOP_H_

#include <functional>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "asio/any_io_executor.hpp"
#include "asio/steady_timer.hpp"

#include "lib/http/curl_handles.h"

namespace mentiond {

// Drives transfers. Loop thread only; outlives every transfer added to it.
class CurlEventLoop {
 public:
  // Called on the loop, outside of any libcurl callback, for each transfer
  // that has ended; the handle is no longer in the multi handle then.
  using OnDone = std::function<void(CURL*, CURLcode)>;

  CurlEventLoop(asio::any_io_executor executor, OnDone on_done);
  ~CurlEventLoop();
  CurlEventLoop(const CurlEventLoop&) = delete;
  CurlEventLoop& operator=(const CurlEventLoop&) = delete;

  // To be called for each handle before it is added for the first time.
  void Prepare(CURL* easy);
  // Starts the transfer; OnDone reports its end.
  void Add(CURL* easy);
  // Aborts it: OnDone is not called.
  void Remove(CURL* easy);

  CURLM* multi() { return multi_.get(); }

  // Sockets that libcurl has open: its connections, idle ones too, and name
  // lookups.
  size_t sockets() const { return sockets_.size(); }

 private:
  struct Socket;

  static curl_socket_t OpenSocket(void* self, curlsocktype,
                                  curl_sockaddr* address) noexcept;
  static int CloseSocket(void* self, curl_socket_t fd) noexcept;
  static int SocketCallback(CURL*, curl_socket_t fd, int what, void* self,
                            void*) noexcept;
  static int TimerCallback(CURLM*, long timeout_ms,  // NOLINT: libcurl's type
                           void* self) noexcept;

  std::shared_ptr<Socket>& SocketOf(curl_socket_t fd);
  void Forget(curl_socket_t fd);
  void Watch(curl_socket_t fd, int what);
  void Arm(const std::shared_ptr<Socket>& socket);
  void Wait(const std::shared_ptr<Socket>& socket, bool for_write);
  void SetTimer(long timeout_ms);  // NOLINT: libcurl's type
  void Act(curl_socket_t fd, int events);
  void ReportDone();

  asio::any_io_executor executor_;
  OnDone on_done_;
  asio::steady_timer timer_;
  bool act_posted_ = false;  // libcurl wants to be called now
  // Handlers that may still be queued when this ends look whether it has.
  std::shared_ptr<char> alive_ = std::make_shared<char>();
  absl::flat_hash_map<curl_socket_t, std::shared_ptr<Socket>> sockets_;
  // Last, so that it goes first: its clean-up still calls SocketCallback.
  CurlMulti multi_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_HTTP_CURL_EVENT_LOOP_H_
