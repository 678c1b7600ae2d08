// A TCP server that does to its clients whatever a test says, which no decent
// HTTP server would: cut responses short, reset connections, send forever.

#ifndef MENTIOND_TESTS_LIB_HTTP_RAW_SERVER_H_
#define MENTIOND_TESTS_LIB_HTTP_RAW_SERVER_H_

#include <netinet/in.h>

#include <cstddef>
#include <functional>
#include <list>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace mentiond {

// One accepted connection, in the hands of its behaviour. It is closed in
// order when the behaviour returns.
class RawConnection {
 public:
  explicit RawConnection(int fd) : fd_(fd) {}
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  // The next request's head, up to and with its empty line; empty when the
  // client has closed.
  std::string ReadRequest();
  // So much of the body behind it.
  std::string ReadBody(size_t bytes);

  // False when the client has gone.
  bool Send(std::string_view bytes);

  // Waits until the client has closed.
  void AwaitClose();

  // Connects to `port` of 127.0.0.1 and passes on what either side says until
  // one of them closes.
  void RelayTo(int port);

  // Ends the connection with a TCP reset instead of in order.
  void ResetWhenClosed();

 private:
  // Waits for more; false: the client has closed.
  bool Receive();

  int fd_;
  std::string received_;
};

// A socket bound to a free port of 127.0.0.1.
class LocalPort {
 public:
  LocalPort();
  ~LocalPort();
  LocalPort(const LocalPort&) = delete;
  LocalPort& operator=(const LocalPort&) = delete;

  int fd() const { return fd_; }
  const sockaddr_in& address() const { return address_; }
  // http://127.0.0.1:PORT
  const std::string& url() const { return url_; }

 private:
  int fd_;
  sockaddr_in address_{};
  std::string url_;
};

// Listens on a free port and runs the behaviour for each connection, on a
// thread of its own.
class RawServer {
 public:
  using Behaviour = std::function<void(RawConnection&)>;

  explicit RawServer(Behaviour behaviour);
  // Cuts all connections.
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  const std::string& url() const { return listener_.url(); }

  // Connections accepted so far.
  size_t accepted() const;

  // Waits until no connection is left open on this side.
  void AwaitIdle() const;

 private:
  void Accept();
  void Serve(int fd);

  const Behaviour behaviour_;
  LocalPort listener_;

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  size_t accepted_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<int> open_ ABSL_GUARDED_BY(mutex_);
  std::list<std::thread> threads_ ABSL_GUARDED_BY(mutex_);

  std::thread acceptor_;
};

// A port on which nobody listens, and on which nobody can begin to.
using DeadPort = LocalPort;

// A port whose queue of connections is full and never served: attempts to
// connect to it get no response at all.
class DeafPort {
 public:
  DeafPort();
  ~DeafPort();
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;

  const std::string& url() const { return listener_.url(); }

 private:
  LocalPort listener_;
  std::list<int> fillers_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_HTTP_RAW_SERVER_H_
