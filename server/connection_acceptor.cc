#include "server/connection_acceptor.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "asio/co_spawn.hpp"
#include "asio/detached.hpp"
#include "asio/ip/v6_only.hpp"
#include "asio/redirect_error.hpp"
#include "asio/steady_timer.hpp"
#include "asio/use_awaitable.hpp"
#include "glog/logging.h"

#include "server/listen_address.h"

namespace mentiond {
namespace {

using asio::ip::tcp;

// Before another try when the system has no descriptor or memory left.
constexpr std::chrono::milliseconds kPause{100};
constexpr int kSecondsBetweenWarnings = 10;

bool IsWildcard(const std::string& host) {
  return host == "0.0.0.0" || host == "::";
}

// Errors of the connection that was to be accepted, by accept(2), not of the
// listener.
bool IsOfConnection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPERM:
    case EPROTO:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> ConnectionAcceptor::Bind(
    const std::string& listen, AcceptorOptions options) {
  const std::optional<ListenAddress> address = ParseListenAddress(listen);
  if (!address) {
    return absl::InvalidArgumentError(
        absl::StrCat(listen, " is not HOST:PORT"));
  }
  std::unique_ptr<ConnectionAcceptor> acceptor(new ConnectionAcceptor(options));
  const absl::Status bound =
      acceptor->BindAll(address->host, absl::StrCat(address->port));
  if (!bound.ok()) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", listen, ": ", bound.message()));
  }
  acceptor->address_ =
      WithPort(listen, acceptor->listeners_[0].local_endpoint().port());
  return acceptor;
}

absl::Status ConnectionAcceptor::BindAll(const std::string& host,
                                         const std::string& port) {
  asio::error_code error;
  const auto found = tcp::resolver(loop_).resolve(
      host, port, tcp::resolver::passive | tcp::resolver::numeric_service,
      error);
  if (error) return absl::UnavailableError(error.message());
  if (IsWildcard(host)) {
    const uint16_t number = found.begin()->endpoint().port();
    error = BindOne(tcp::endpoint(tcp::v6(), number));
    // Where the kernel has no IPv6.
    if (error == asio::error::address_family_not_supported ||
        error == asio::error_code(EADDRNOTAVAIL, asio::system_category())) {
      error = BindOne(tcp::endpoint(tcp::v4(), number));
    }
    return error ? absl::UnavailableError(error.message()) : absl::OkStatus();
  }
  for (const auto& entry : found) {
    tcp::endpoint endpoint = entry.endpoint();
    // The first one has chosen the port for all.
    if (!listeners_.empty()) {
      endpoint.port(listeners_[0].local_endpoint().port());
    }
    error = BindOne(endpoint);
    if (error) return absl::UnavailableError(error.message());
  }
  return absl::OkStatus();
}

asio::error_code ConnectionAcceptor::BindOne(tcp::endpoint endpoint) {
  tcp::acceptor listener(loop_);
  asio::error_code error;
  const auto step = [&error](auto&& action) {
    if (!error) action();
  };
  step([&] { listener.open(endpoint.protocol(), error); });
  step([&] { listener.set_option(tcp::acceptor::reuse_address(true), error); });
  if (endpoint.protocol() == tcp::v6()) {
    const bool only = !endpoint.address().is_unspecified();
    step([&] { listener.set_option(asio::ip::v6_only(only), error); });
  }
  // Connections inherit both.
  step([&] { listener.set_option(tcp::no_delay(true), error); });
  step([&] {
    const int millis =
        static_cast<int>(absl::ToInt64Milliseconds(options_.user_timeout));
    if (setsockopt(listener.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT,
                   &millis, sizeof(millis)) != 0) {
      error = asio::error_code(errno, asio::system_category());
    }
  });
  step([&] { listener.bind(endpoint, error); });
  step([&] { listener.listen(tcp::acceptor::max_listen_connections, error); });
  step([&] { listener.native_non_blocking(true, error); });
  if (!error) listeners_.push_back(std::move(listener));
  return error;
}

void ConnectionAcceptor::Start(HandOver hand_over) {
  hand_over_ = std::move(hand_over);
  for (tcp::acceptor& listener : listeners_) {
    asio::co_spawn(loop_, Accept(listener), asio::detached);
  }
  thread_ = std::thread([this] { loop_.run(); });
}

void ConnectionAcceptor::Stop() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
  listeners_.clear();
}

asio::awaitable<void> ConnectionAcceptor::Accept(tcp::acceptor& listener) {
  asio::steady_timer pause(loop_);
  for (;;) {
    asio::error_code error;
    co_await listener.async_wait(
        tcp::acceptor::wait_read,
        asio::redirect_error(asio::use_awaitable, error));
    if (!error && AcceptWaiting(listener.native_handle())) continue;
    pause.expires_after(kPause);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

bool ConnectionAcceptor::AcceptWaiting(int listener) {
  for (;;) {
    const int connection =
        accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0) {
      if (IsOfConnection(errno)) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      LOG_EVERY_T(WARNING, kSecondsBetweenWarnings)
          << "connections have to wait: " << std::strerror(errno);
      return false;
    }
    if (connection >= options_.descriptors) {
      close(connection);
      LOG_EVERY_T(WARNING, kSecondsBetweenWarnings)
          << "connections are refused: " << options_.descriptors
          << " descriptors are in use (ulimit -n)";
      continue;
    }
    hand_over_(connection);
  }
}

}  // namespace mentiond
