#include "server/connection_acceptor.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "asio/io_context.hpp"
#include "asio/ip/tcp.hpp"
#include "asio/read.hpp"
#include "gtest/gtest.h"

#include "server/listen_address.h"
#include "tests/fakes/captured_log.h"

namespace mentiond {
namespace {

using asio::ip::tcp;

constexpr absl::Duration kPatience = absl::Seconds(30);

class ConnectionAcceptorTest : public testing::Test {
 protected:
  ~ConnectionAcceptorTest() override { acceptor_.reset(); }

  void Listen(const std::string& listen, int descriptors = 1 << 20) {
    auto bound = ConnectionAcceptor::Bind(
        listen, {.descriptors = descriptors, .user_timeout = absl::Seconds(5)});
    ASSERT_TRUE(bound.ok()) << bound.status();
    acceptor_ = *std::move(bound);
    acceptor_->Start([this](int descriptor) {
      absl::MutexLock lock(&mutex_);
      accepted_.push_back(descriptor);
    });
  }
  asio::error_code Connect(tcp::socket& socket,
                           const std::string& ip = "127.0.0.1") {
    const auto port = ParseListenAddress(acceptor_->address())->port;
    asio::error_code error;
    socket.connect({asio::ip::make_address(ip), port}, error);
    return error;
  }
  // The descriptor that would be the next one.
  static int NextDescriptor() {
    const int next = dup(0);
    close(next);
    return next;
  }
  // Waits until so many connections have been handed over in all.
  bool AwaitAccepted(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [this, count]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return accepted_.size() >= count;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&enough), kPatience);
  }
  void CloseAccepted() {
    absl::MutexLock lock(&mutex_);
    for (const int descriptor : accepted_) close(descriptor);
  }

  asio::io_context loop_;
  absl::Mutex mutex_;
  std::vector<int> accepted_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<ConnectionAcceptor> acceptor_;
};

TEST_F(ConnectionAcceptorTest, HandsOverWhoConnectsAsGrpcNeedsIt) {
  Listen("127.0.0.1:0");
  tcp::socket client(loop_);
  ASSERT_FALSE(Connect(client));
  ASSERT_TRUE(AwaitAccepted(1));
  absl::MutexLock lock(&mutex_);
  EXPECT_TRUE(fcntl(accepted_[0], F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(fcntl(accepted_[0], F_GETFD) & FD_CLOEXEC);
  for (const auto& [option, expected] :
       {std::pair(TCP_NODELAY, 1), {TCP_USER_TIMEOUT, 5000}}) {
    int value = 0;
    socklen_t size = sizeof(value);
    getsockopt(accepted_[0], IPPROTO_TCP, option, &value, &size);
    EXPECT_EQ(value, expected);
  }
  close(accepted_[0]);
}

TEST_F(ConnectionAcceptorTest, AWildcardIsForBothFamilies) {
  for (const char* listen : {"0.0.0.0:0", "[::]:0"}) {
    Listen(listen);
    tcp::socket by_v4(loop_);
    EXPECT_FALSE(Connect(by_v4)) << listen;
    tcp::socket by_v6(loop_);
    const asio::error_code error = Connect(by_v6, "::1");
    EXPECT_TRUE(!error || error == asio::error::address_family_not_supported ||
                error.value() == EADDRNOTAVAIL)
        << listen << ": " << error.message();
  }
}

TEST_F(ConnectionAcceptorTest, WhoStopsRefuses) {
  Listen("localhost:0");
  acceptor_->Stop();
  tcp::socket client(loop_);
  EXPECT_EQ(Connect(client), asio::error::connection_refused);
}

TEST_F(ConnectionAcceptorTest, TooManyConnectionsAreClosedAndLaterOnesAreNot) {
  // Given descriptors for two more connections on this side; the clients of
  // this test take some first.
  std::vector<tcp::socket> clients;
  for (int i = 0; i < 4; ++i) clients.emplace_back(loop_, tcp::v4());
  Listen("127.0.0.1:0");
  const int next = NextDescriptor();
  acceptor_.reset();
  Listen("127.0.0.1:0", next + 2);
  // When three connect, then the third one is closed,
  ASSERT_FALSE(Connect(clients[0]));
  ASSERT_FALSE(Connect(clients[1]));
  ASSERT_TRUE(AwaitAccepted(2));
  ASSERT_FALSE(Connect(clients[2]));
  char byte = 0;
  asio::error_code error;
  asio::read(clients[2], asio::buffer(&byte, 1), error);
  EXPECT_TRUE(error == asio::error::eof ||
              error == asio::error::connection_reset)
      << error.message();
  // and one that comes when the others have gone is served.
  CloseAccepted();
  ASSERT_FALSE(Connect(clients[3]));
  EXPECT_TRUE(AwaitAccepted(3));
}

TEST_F(ConnectionAcceptorTest, WithoutAnyDescriptorConnectionsWait) {
  // Given a process that may open no further file, which ends gRPC's own
  // listener (CVE-2023-4785),
  const CapturedLog log;
  Listen("127.0.0.1:0");
  tcp::socket first(loop_, tcp::v4());
  tcp::socket second(loop_, tcp::v4());
  rlimit before = {};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none = {.rlim_cur = static_cast<rlim_t>(NextDescriptor()),
                       .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  // when clients connect,
  ASSERT_FALSE(Connect(first));
  ASSERT_FALSE(Connect(second));
  // then that is logged,
  const absl::Time deadline = absl::Now() + kPatience;
  while (log.With("have to wait").empty() && absl::Now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(log.With("have to wait").size(), 1U);
  // and both are served as soon as there are descriptors.
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(AwaitAccepted(2));
  CloseAccepted();
}

TEST_F(ConnectionAcceptorTest, SaysWhyItCannotListen) {
  EXPECT_EQ(ConnectionAcceptor::Bind("nothing", {}).status(),
            absl::InvalidArgumentError("nothing is not HOST:PORT"));
  Listen("127.0.0.1:0");
  const std::string taken = acceptor_->address();
  EXPECT_EQ(ConnectionAcceptor::Bind(taken, {}).status(),
            absl::UnavailableError("cannot listen on " + taken +
                                   ": Address already in use"));
  const absl::Status unknown =
      ConnectionAcceptor::Bind("no.such.host.invalid:1", {}).status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kUnavailable) << unknown;
}

TEST(ListenAddressTest, HostsAndPorts) {
  for (const char* wrong :
       {"127.0.0.1", ":80", "host:65536", "host:-1", "host:"}) {
    EXPECT_FALSE(ParseListenAddress(wrong)) << wrong;
  }
  EXPECT_EQ(ParseListenAddress("[::1]:80")->host, "::1");
  EXPECT_EQ(ParseListenAddress("host:65535")->port, 65535);
  EXPECT_EQ(WithPort("[::1]:0", 80), "[::1]:80");
  for (const char* local : {"127.1.2.3:80", "[::1]:80", "localhost:80"}) {
    EXPECT_TRUE(IsLoopback(local)) << local;
  }
  for (const char* other : {"0.0.0.0:80", "127.0.0.1", "10.0.0.1:80"}) {
    EXPECT_FALSE(IsLoopback(other)) << other;
  }
}

}  // namespace
}  // namespace mentiond
