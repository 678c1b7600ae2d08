// What slow and hostile clients can do to an HTTP port: nothing to others.

#include "server/http_listener.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "asio/io_context.hpp"
#include "asio/ip/tcp.hpp"
#include "asio/write.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"

#include "server/listen_address.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr size_t kLarge = 16 << 20;  // no socket buffers that much

// A client that sends and reads only what a test makes it.
class RawClient {
 public:
  explicit RawClient(const HttpListener& listener) {
    socket_.connect({asio::ip::address_v4::loopback(),
                     ParseListenAddress(listener.address())->port});
  }
  // False when the connection is closed.
  bool Send(const std::string& text) {
    asio::error_code error;
    asio::write(socket_, asio::buffer(text), error);
    return !error;
  }
  void Get(const std::string& path) {
    EXPECT_TRUE(Send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"));
  }
  // Whether the server closes the connection, or has, within that time. Reads
  // what comes meanwhile.
  bool IsClosed(absl::Duration within = absl::ZeroDuration()) {
    const absl::Time deadline = absl::Now() + within;
    pollfd ready = {
        .fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
    while (poll(&ready, 1,
                static_cast<int>(absl::ToInt64Milliseconds(std::max(
                    deadline - absl::Now(), absl::ZeroDuration())))) > 0) {
      std::array<char, 4096> some;
      asio::error_code error;
      const size_t got = socket_.read_some(asio::buffer(some), error);
      if (error) return true;
      received_.append(some.data(), got);
    }
    return false;
  }
  const std::string& received() const { return received_; }

 private:
  asio::io_context loop_;
  asio::ip::tcp::socket socket_{loop_};
  std::string received_;
};

class HttpListenerTest : public testing::Test {
 protected:
  void Start(const HttpLimits& limits) {
    auto started = HttpListener::Start(
        "127.0.0.1:0",
        [this](httplib::Server& server) {
          const auto add = [&](const char* path,
                               const std::function<std::string()>& text) {
            server.Get(path, [text](const auto&, httplib::Response& response) {
              response.set_content(text(), "text/plain");
            });
          };
          add("/probe", [] { return "ok"; });
          add("/large", [] { return std::string(kLarge, 'x'); });
          add("/wait", [this] {
            ++answering_;
            let_go_.WaitForNotification();
            return "waited";
          });
        },
        limits);
    ASSERT_TRUE(started.ok()) << started.status();
    listener_ = *std::move(started);
  }
  std::unique_ptr<RawClient> Connect() {
    return std::make_unique<RawClient>(*listener_);
  }
  // Whether one who comes now is served.
  bool Serves(const httplib::Headers& headers = {}) {
    httplib::Client client("http://" + listener_->address());
    client.set_read_timeout(absl::ToInt64Seconds(kPatience));
    const auto result = client.Get("/probe", headers);
    return result && result->status == 200 && result->body == "ok";
  }

  std::atomic<size_t> answering_ = 0;
  absl::Notification let_go_;
  std::unique_ptr<HttpListener> listener_;
};

TEST_F(HttpListenerTest, SlowClientsDoNotKeepOthersWaiting) {
  // Given more clients that hold a connection than there may be, without a
  // request or with half of one,
  Start({.request = absl::Hours(1)});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(Connect());
    if (i % 2 == 0) slow.back()->Send("GET /probe HTTP/1.1\r\nHost: x");
  }
  // when others come, then they are served.
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Serves());
}

TEST_F(HttpListenerTest, TheOldestSlowClientMakesRoomForTheNextOne) {
  Start({.connections = 2, .request = kPatience});
  const auto first = Connect();
  const auto second = Connect();
  EXPECT_FALSE(first->IsClosed());
  const auto third = Connect();
  EXPECT_TRUE(first->IsClosed(kPatience));
  EXPECT_FALSE(second->IsClosed());
  // Who is served in the end counts no more.
  third->Get("/probe");
  EXPECT_TRUE(third->IsClosed(kPatience));
  EXPECT_THAT(third->received(), HasSubstr("200 OK"));
  EXPECT_FALSE(second->IsClosed());
}

TEST_F(HttpListenerTest, WhatIsBeingAnsweredMakesNoRoom) {
  // Given that all who are connected are being answered,
  Start({.connections = 2, .request = kPatience});
  std::vector<std::unique_ptr<RawClient>> served;
  for (size_t i = 0; i < 2; ++i) {
    served.push_back(Connect());
    served[i]->Get("/wait");
    while (answering_ <= i) std::this_thread::yield();
  }
  // when another comes, then it goes,
  EXPECT_TRUE(Connect()->IsClosed(kPatience));
  let_go_.Notify();
  // and they get their answers.
  for (const auto& client : served) {
    EXPECT_TRUE(client->IsClosed(kPatience));
    EXPECT_THAT(client->received(), HasSubstr("waited"));
  }
}

TEST_F(HttpListenerTest, AWholeRequestHasToArriveInTime) {
  Start({.request = absl::Milliseconds(200)});
  const auto idle = Connect();
  const auto dribbling = Connect();
  // Given a client that never stops sending, but slowly, when the time is up
  // then it is cut off like the one that sends nothing.
  const absl::Time began = absl::Now();
  dribbling->Send("GET /");
  while (dribbling->Send("x") && !dribbling->IsClosed(absl::Milliseconds(10))) {
    ASSERT_LT(absl::Now() - began, kPatience);
  }
  EXPECT_GE(absl::Now() - began, absl::Milliseconds(199));
  EXPECT_TRUE(idle->IsClosed(kPatience));
}

TEST(BoundedStreamTest, AWholeResponseHasToBeReadInTime) {
  std::array<int, 2> ends = {};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  BoundedStream stream(ends[0], {.response = absl::Milliseconds(200)}, 0);
  // Given a client that reads each part of a response, when the time is up then
  // it gets no more parts.
  const absl::Time began = absl::Now();
  std::array<char, 10> part = {};
  while (stream.write(part.data(), part.size()) > 0) {
    EXPECT_GT(recv(ends[1], part.data(), part.size(), 0), 0);
    ASSERT_LT(absl::Now() - began, kPatience);
  }
  EXPECT_GE(absl::Now() - began, absl::Milliseconds(199));
  // One that reads nothing is not waited for longer.
  BoundedStream other(ends[1], {.response = absl::Milliseconds(200)}, 0);
  const std::string large(1 << 20, 'x');
  while (other.write(large.data(), large.size()) > 0) {
    ASSERT_LT(absl::Now() - began, kPatience);
  }
}

TEST_F(HttpListenerTest, HeadersAndResponsesHaveAnEnd) {
  Start({.request = kPatience});
  for (const std::string& part :
       {std::string(4096, 'x'), std::string("Header: value\r\n")}) {
    const auto endless = Connect();
    endless->Send("GET /probe HTTP/1.1\r\n");
    size_t sent = 0;
    while (endless->Send(part) && !endless->IsClosed()) {
      sent += part.size();
      ASSERT_LT(sent, kLarge);
    }
  }
  // Ranges do not multiply a response.
  std::string ranges = "bytes=0-";
  for (int i = 0; i < 100; ++i) ranges += ",0-";
  EXPECT_TRUE(Serves({{"Range", ranges}}));
}

TEST_F(HttpListenerTest, ItsEndWaitsForAnswersAndNotForSlowClients) {
  Start({.request = absl::Hours(1), .response = absl::Hours(1)});
  auto idle = Connect();
  auto lazy = Connect();
  lazy->Get("/large");
  const auto served = Connect();
  served->Get("/wait");
  while (answering_ == 0) std::this_thread::yield();
  // Given one client that is being answered when the listener ends,
  absl::Notification ended;
  std::thread end([&] {
    listener_.reset();
    ended.Notify();
  });
  EXPECT_TRUE(idle->IsClosed(kPatience));
  EXPECT_FALSE(served->IsClosed());
  let_go_.Notify();
  // then it gets its answer, and nobody else is waited for.
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(kPatience));
  EXPECT_TRUE(served->IsClosed(kPatience));
  EXPECT_THAT(served->received(), HasSubstr("waited"));
  idle.reset();
  lazy.reset();
  end.join();
}

TEST_F(HttpListenerTest, APortIsOfOneListener) {
  Start({});
  const auto none = [](httplib::Server&) {};
  EXPECT_TRUE(absl::IsUnavailable(
      HttpListener::Start(listener_->address(), none).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(HttpListener::Start("9090", none).status()));
}

}  // namespace
}  // namespace mentiond
