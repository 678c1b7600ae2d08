// What the transport leaves behind: nothing, however its requests end.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/base/task_scope.h"
#include "lib/http/curl_transport.h"
#include "lib/http/http.h"
#include "tests/fakes/run_loop.h"
#include "tests/lib/http/raw_server.h"
#include "tests/lib/http/transport_fixture.h"

namespace mentiond {
namespace {

using absl::StatusCode;

class CurlTransportLifetimeTest : public TransportFixture {
 protected:
  CurlTransportLifetimeTest()
      : server_([this](RawConnection& connection) { Serve(connection); }) {}

  // Responds to `/hello`; to anything else it starts a response that never
  // ends. Tells the loop of each request, and of each connection's end.
  void Serve(RawConnection& connection) {
    while (true) {
      const std::string request = connection.ReadRequest();
      if (request.empty()) break;
      OnLoop([this] { ++requests_; });
      if (absl::StrContains(request, "GET /hello ")) {
        connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
      } else if (absl::StrContains(request, "GET /half ")) {
        connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
      }
    }
    OnLoop([this] { ++closed_; });
  }

  int requests_ = 0;
  int closed_ = 0;
  std::vector<Answer> answers_;
  RawServer server_;
};

TEST_F(CurlTransportLifetimeTest, ACancelledRequestIsAbortedAtOnce) {
  for (const char* path : {"/silence", "/half"}) {
    requests_ = closed_ = 0;
    answers_.clear();
    CurlTransport transport(loop_.get_executor(), {});
    TaskScope scope(loop_.get_executor());
    const auto task = scope.Spawn(
        GetInto(&transport, Request(server_.url() + path), &answers_));
    RunUntil([&] { return requests_ == 1; });
    ASSERT_TRUE(answers_.empty());

    scope.Cancel(task);
    RunReady(loop_);

    ASSERT_EQ(answers_.size(), 1U) << "without waiting for anything";
    EXPECT_EQ(answers_[0].status().code(), StatusCode::kCancelled);
    EXPECT_EQ(scope.size(), 0U);
    // The transport still lives: it is the request that has hung up.
    RunUntil([&] { return closed_ == 1; });
  }
}

TEST_F(CurlTransportLifetimeTest, OneCancelledBeforeItBeginsIsNeverSent) {
  CurlTransport transport(loop_.get_executor(), {});
  TaskScope scope(loop_.get_executor());
  const auto task = scope.Spawn(
      GetInto(&transport, Request(server_.url() + "/hello"), &answers_));

  scope.Cancel(task);
  RunReady(loop_);

  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].status().code(), StatusCode::kCancelled);
  EXPECT_EQ(server_.accepted(), 0U);
}

TEST_F(CurlTransportLifetimeTest, CancellingOneLeavesTheOthersAlone) {
  CurlTransport transport(loop_.get_executor(), {});
  TaskScope scope(loop_.get_executor());
  const auto silent = scope.Spawn(
      GetInto(&transport, Request(server_.url() + "/silence"), &answers_));
  RunUntil([&] { return requests_ == 1; });
  std::vector<Answer> others;
  for (int i = 0; i < 10; ++i) {
    scope.Spawn(
        GetInto(&transport, Request(server_.url() + "/hello"), &others));
  }

  scope.Cancel(silent);
  RunUntil([&] { return scope.size() == 0; });

  EXPECT_EQ(answers_[0].status().code(), StatusCode::kCancelled);
  ASSERT_EQ(others.size(), 10U);
  for (const Answer& other : others) EXPECT_TRUE(other.ok()) << other.status();
}

TEST_F(CurlTransportLifetimeTest, ARequestMayBeCancelledAtAnyOfItsSteps) {
  CurlTransport transport(loop_.get_executor(), {});
  TaskScope scope(loop_.get_executor());
  for (int step = 0; step < 40; ++step) {
    answers_.clear();
    const auto task = scope.Spawn(
        GetInto(&transport, Request(server_.url() + "/hello"), &answers_));
    loop_.restart();
    for (int i = 0; i < step; ++i) loop_.poll_one();

    scope.Cancel(task);
    RunReady(loop_);

    ASSERT_EQ(scope.size(), 0U) << step;
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_TRUE(answers_[0].ok() ||
                answers_[0].status().code() == StatusCode::kCancelled)
        << answers_[0].status();
  }
  // It still works.
  EXPECT_TRUE(Get(transport, server_.url() + "/hello").ok());
}

TEST_F(CurlTransportLifetimeTest, NoDescriptorStaysOpen) {
  // The first request opens what libraries keep for the process.
  ASSERT_TRUE(Get(server_.url() + "/hello").ok());
  server_.AwaitIdle();
  const size_t before = OpenDescriptors();

  {
    CurlTransport transport(loop_.get_executor(), {});
    TaskScope scope(loop_.get_executor());
    for (int i = 0; i < 20; ++i) {
      scope.Spawn(
          GetInto(&transport, Request(server_.url() + "/hello"), &answers_));
    }
    RunUntil([&] { return scope.size() == 0; });
    requests_ = 0;
    for (int i = 0; i < 10; ++i) {
      scope.Spawn(
          GetInto(&transport, Request(server_.url() + "/silence"), &answers_));
    }
    RunUntil([&] { return requests_ == 10; });
    EXPECT_GT(OpenDescriptors(), before) << "they are counted";
    scope.CancelAll();
    RunReady(loop_);
    ASSERT_EQ(scope.size(), 0U);
    const DeadPort nobody;
    EXPECT_FALSE(Get(transport, nobody.url()).ok());
  }
  server_.AwaitIdle();

  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_F(CurlTransportLifetimeTest, ManyCancelledRequestsPileUpNothing) {
  CurlTransport transport(loop_.get_executor(), {});
  TaskScope scope(loop_.get_executor());
  ASSERT_TRUE(Get(transport, server_.url() + "/hello").ok());
  const size_t before = OpenDescriptors();

  for (int i = 0; i < 200; ++i) {
    const int seen = requests_;
    const auto task = scope.Spawn(
        GetInto(&transport, Request(server_.url() + "/silence"), &answers_));
    RunUntil([&] { return requests_ == seen + 1; });
    scope.Cancel(task);
    RunReady(loop_);
    ASSERT_EQ(scope.size(), 0U);
  }
  RunUntil([&] { return closed_ >= 200; });
  server_.AwaitIdle();

  EXPECT_LE(OpenDescriptors(), before);
}

TEST_F(CurlTransportLifetimeTest, ATransportMayEndBeforeItsLoop) {
  auto transport = std::make_unique<CurlTransport>(loop_.get_executor(),
                                                   CurlTransportOptions());
  TaskScope scope(loop_.get_executor());
  for (int i = 0; i < 5; ++i) {
    scope.Spawn(
        GetInto(transport.get(), Request(server_.url() + "/hello"), &answers_));
  }
  scope.Join([&] { transport.reset(); });

  RunUntil([&] { return transport == nullptr; });
  RunReady(loop_);

  EXPECT_EQ(answers_.size(), 5U);
  server_.AwaitIdle();
}

}  // namespace
}  // namespace mentiond
