// The port that clients connect to. Connections are accepted here and handed to
// gRPC: gRPC 1.51 stops listening for good as soon as it has no descriptor for
// a connection (CVE-2023-4785).

#ifndef MENTIOND_SERVER_CONNECTION_ACCEPTOR_H_
#define MENTIOND_SERVER_CONNECTION_ACCEPTOR_H_

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"
#include "asio/io_context.hpp"
#include "asio/ip/tcp.hpp"

namespace mentiond {

struct AcceptorOptions {
  // A connection whose descriptor would be this one or higher is closed at
  // once: the descriptors above are left to requests to GitHub and to files.
  int descriptors = std::numeric_limits<int>::max();
  // How long a peer may leave data unacknowledged; 0: as long as TCP tries.
  absl::Duration user_timeout;
};

// Not thread-safe; accepts on a thread of its own.
class ConnectionAcceptor {
 public:
  // Receives a connected, non-blocking socket, which it has to close.
  using HandOver = std::function<void(int descriptor)>;

  // Binds `listen`, HOST:PORT, on all addresses of the host; port 0: any. A
  // wildcard of either family means both. Clients may connect, and wait.
  // INVALID_ARGUMENT if `listen` is not that, UNAVAILABLE with the reason if it
  // cannot be bound.
  static absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> Bind(
      const std::string& listen, AcceptorOptions options);

  ~ConnectionAcceptor() { Stop(); }
  ConnectionAcceptor(const ConnectionAcceptor&) = delete;
  ConnectionAcceptor& operator=(const ConnectionAcceptor&) = delete;

  // HOST:PORT as given, with the port that is bound.
  const std::string& address() const { return address_; }

  // To be called once. `hand_over` is called by the acceptor's thread.
  void Start(HandOver hand_over);

  // Stops listening: whoever connects now is refused. Waits for a connection
  // that is being handed over.
  void Stop();

 private:
  explicit ConnectionAcceptor(AcceptorOptions options) : options_(options) {}

  absl::Status BindAll(const std::string& host, const std::string& port);
  asio::error_code BindOne(asio::ip::tcp::endpoint endpoint);
  asio::awaitable<void> Accept(asio::ip::tcp::acceptor& listener);
  // Hands over all connections that wait; false: some still do, as the system
  // has no descriptor or memory for them.
  bool AcceptWaiting(int listener);

  const AcceptorOptions options_;
  std::string address_;
  HandOver hand_over_;
  asio::io_context loop_{1};
  std::vector<asio::ip::tcp::acceptor> listeners_;
  std::thread thread_;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_CONNECTION_ACCEPTOR_H_
