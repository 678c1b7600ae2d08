// A TCP server that does to its clients whatever a test says, which no decent
// HTTP server would: cut responses short, reset connections, send forever.

#ifndef MENTIOND_TESTS_LIB_HTTP_RAW_SERVER_H_
#define MENTIOND_TESTS_LIB_HTTP_RAW_SERVER_H_

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <functional>
#include <iterator>
#include <list>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "asio/buffer.hpp"
#include "asio/io_context.hpp"
#include "asio/ip/tcp.hpp"
#include "asio/read.hpp"
#include "asio/read_until.hpp"
#include "asio/write.hpp"

namespace mentiond {

// Of 127.0.0.1; port 0: any that is free.
inline asio::ip::tcp::endpoint LocalEndpoint(int port = 0) {
  return {asio::ip::address_v4::loopback(), static_cast<uint16_t>(port)};
}

// A child process must not keep it open.
inline void CloseInChildren(int fd) { fcntl(fd, F_SETFD, FD_CLOEXEC); }

// One accepted connection, in the hands of its behaviour. It is closed in
// order when the behaviour returns.
class RawConnection {
 public:
  explicit RawConnection(asio::ip::tcp::socket& socket) : socket_(socket) {}
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  // The next request's head, up to and with its empty line; empty when the
  // client has closed.
  std::string ReadRequest() {
    return Take(asio::read_until(socket_, asio::dynamic_buffer(received_),
                                 "\r\n\r\n", ended_));
  }
  // So many bytes that follow.
  std::string ReadBody(size_t bytes) {
    if (received_.size() < bytes) {
      asio::read(socket_, asio::dynamic_buffer(received_),
                 asio::transfer_exactly(bytes - received_.size()), ended_);
    }
    return Take(bytes);
  }

  // False when the client has gone.
  bool Send(std::string_view bytes) {
    asio::write(socket_, asio::buffer(bytes), ended_);
    return !ended_;
  }

  // Waits until the client has closed.
  void AwaitClose() { Forward(socket_, nullptr); }

  // Connects to `port` of 127.0.0.1 and passes on what either side says until
  // one of them closes.
  void RelayTo(int port) {
    asio::ip::tcp::socket other(socket_.get_executor());
    other.connect(LocalEndpoint(port), ended_);
    CloseInChildren(other.native_handle());
    // Read already, together with a request.
    asio::write(other, asio::buffer(Take(received_.size())), ended_);
    std::thread back([&] { Forward(other, &socket_); });
    Forward(socket_, &other);
    back.join();
  }

  // Ends the connection with a TCP reset instead of in order.
  void ResetWhenClosed() {
    socket_.set_option(asio::socket_base::linger(true, 0));
  }

 private:
  std::string Take(size_t bytes) {
    std::string taken = received_.substr(0, bytes);
    received_.erase(0, bytes);
    return taken;
  }
  // Passes on what comes until either closes, and then ends both.
  static void Forward(asio::ip::tcp::socket& from, asio::ip::tcp::socket* to) {
    asio::error_code ended;
    std::array<char, 4096> buffer;
    while (!ended) {
      const size_t bytes = from.read_some(asio::buffer(buffer), ended);
      // Writing nothing would succeed and hide that it has ended.
      if (to != nullptr && bytes > 0) {
        asio::write(*to, asio::buffer(buffer, bytes), ended);
      }
    }
    if (to == nullptr) return;
    from.shutdown(asio::ip::tcp::socket::shutdown_both, ended);
    to->shutdown(asio::ip::tcp::socket::shutdown_both, ended);
  }

  asio::ip::tcp::socket& socket_;
  asio::error_code ended_;
  std::string received_;
};

// A port on which nobody listens, and on which nobody can begin to.
class DeadPort {
 public:
  // http://127.0.0.1:PORT
  const std::string& url() const { return url_; }

 protected:
  asio::io_context context_;
  asio::ip::tcp::acceptor port_{context_, asio::ip::tcp::v4()};

 private:
  const std::string url_ = [this] {
    port_.bind(LocalEndpoint());
    CloseInChildren(port_.native_handle());
    return absl::StrCat("http://127.0.0.1:", port_.local_endpoint().port());
  }();
};

// A port whose queue of connections is full and never served: attempts to
// connect to it get no response at all.
class DeafPort : public DeadPort {
 public:
  DeafPort() {
    port_.listen(0);
    const asio::ip::tcp::endpoint here = port_.local_endpoint();
    // Linux queues one more than it was told; the others wait for a place.
    for (int i = 0; i < 4; ++i) {
      auto& filler = fillers_.emplace_back(context_, asio::ip::tcp::v4());
      filler.native_non_blocking(true);
      // Asio's own would wait.
      (void)connect(filler.native_handle(), here.data(), here.size());
    }
  }

 private:
  std::list<asio::ip::tcp::socket> fillers_;
};

// Listens on a free port and runs the behaviour for each connection, on a
// thread of its own.
class RawServer : public DeadPort {
 public:
  using Behaviour = std::function<void(RawConnection&)>;

  explicit RawServer(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
    port_.listen();
    acceptor_ = std::thread([this] { Accept(); });
  }
  // Cuts all connections.
  ~RawServer() {
    {
      const absl::MutexLock lock(&mutex_);
      stopping_ = true;
      for (auto& socket : open_) shutdown(socket.native_handle(), SHUT_RDWR);
    }
    shutdown(port_.native_handle(), SHUT_RDWR);  // ends accept()
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
  }

  // Connections accepted so far.
  size_t accepted() const {
    const absl::MutexLock lock(&mutex_);
    return threads_.size();
  }

  // Waits until no connection is left open on this side.
  void AwaitIdle() const {
    const auto idle = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return open_.empty();
    };
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&idle));
  }

 private:
  void Accept() {
    while (true) {
      asio::error_code ended;
      asio::ip::tcp::socket socket = port_.accept(ended);
      const absl::MutexLock lock(&mutex_);
      if (ended || stopping_) return;
      CloseInChildren(socket.native_handle());
      open_.push_back(std::move(socket));
      threads_.emplace_back(
          [this, place = std::prev(open_.end())] { Serve(place); });
    }
  }
  void Serve(std::list<asio::ip::tcp::socket>::iterator place) {
    RawConnection connection(*place);
    behaviour_(connection);
    const absl::MutexLock lock(&mutex_);
    open_.erase(place);  // which closes it
  }

  const Behaviour behaviour_;

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::list<asio::ip::tcp::socket> open_ ABSL_GUARDED_BY(mutex_);
  std::list<std::thread> threads_;  // joined when the acceptor has ended

  std::thread acceptor_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_HTTP_RAW_SERVER_H_
