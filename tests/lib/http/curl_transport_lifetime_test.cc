// What the transport leaves behind: nothing, however its requests end.

#include <filesystem>
#include <iterator>

#include "lib/http/curl_event_loop.h"
#include "lib/http/curl_handles.h"
#include "tests/lib/http/transport_fixture.h"

namespace mentiond {
namespace {

using absl::StatusCode;

// Descriptors that this process has open.
size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(
      std::distance(begin(all), std::filesystem::directory_iterator()));
}

class CurlTransportLifetimeTest : public TransportFixture {
 protected:
  // Responds to `/hello`; to anything else it starts a response that never
  // ends. Tells the loop of each request, and of each connection's end.
  void Serve(RawConnection& connection) {
    while (true) {
      const std::string request = connection.ReadRequest();
      if (request.empty()) break;
      OnLoop([this] { ++requests_; });
      if (absl::StrContains(request, "GET /hello ")) {
        connection.Send(Ok("hello"));
      } else if (absl::StrContains(request, "GET /half ")) {
        connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
      }
    }
    OnLoop([this] { ++closed_; });
  }
  void AwaitRequests(int number) {
    RunUntil([&] { return requests_ == number; });
  }

  int requests_ = 0;
  int closed_ = 0;
  RawServer server_{[this](RawConnection& connection) { Serve(connection); }};
  const std::string hello_ = server_.url() + "/hello";
  const std::string silence_ = server_.url() + "/silence";
};

TEST_F(CurlTransportLifetimeTest, ACancelledRequestIsAbortedAtOnce) {
  int number = 0;
  for (const std::string& url : {silence_, server_.url() + "/half"}) {
    ++number;
    const auto task = Start(url);
    AwaitRequests(number);
    ASSERT_EQ(answers_.size(), number - 1U);

    Cancel(task);

    EXPECT_EQ(Answered(StatusCode::kCancelled), number);
    // The transport still lives: it is the request that has hung up.
    RunUntil([&] { return closed_ == number; });
  }
}

TEST_F(CurlTransportLifetimeTest, OneCancelledBeforeItBeginsIsNeverSent) {
  Cancel(Start(hello_));
  EXPECT_EQ(Answered(StatusCode::kCancelled), 1);
  EXPECT_EQ(server_.accepted(), 0U);
}

TEST_F(CurlTransportLifetimeTest, CancellingOneLeavesTheOthersAlone) {
  const auto silent = Start(silence_);
  AwaitRequests(1);
  Start(hello_, 10);
  scope_.Cancel(silent);
  AwaitAll();
  EXPECT_EQ(Answered(StatusCode::kCancelled), 1);
  EXPECT_EQ(Answered(StatusCode::kOk), 10);
}

TEST_F(CurlTransportLifetimeTest, ARequestMayBeCancelledAtAnyOfItsSteps) {
  for (int step = 0; step < 40; ++step) {
    const auto task = Start(hello_);
    loop_.restart();
    for (int i = 0; i < step; ++i) loop_.poll_one();

    Cancel(task);

    ASSERT_EQ(Answered(StatusCode::kOk) + Answered(StatusCode::kCancelled),
              step + 1);
  }
  // It still works.
  EXPECT_TRUE(Get(hello_).ok());
}

TEST_F(CurlTransportLifetimeTest, NoDescriptorStaysOpen) {
  // The first request opens what libraries keep for the process.
  ASSERT_TRUE(Get(hello_).ok());
  const size_t with_one = OpenDescriptors();
  transport_.reset();
  server_.AwaitIdle();
  const size_t before = OpenDescriptors();
  transport_ = NewTransport();

  Start(hello_, 20);
  AwaitAll();
  requests_ = closed_ = 0;
  Start(silence_, 10);
  AwaitRequests(10);
  EXPECT_GT(OpenDescriptors(), with_one) << "they are counted";
  CancelAll();
  EXPECT_FALSE(Get(DeadPort().url()).ok());
  // Many that are cancelled pile up nothing.
  for (int i = 11; i <= 200; ++i) {
    const auto task = Start(silence_);
    AwaitRequests(i);
    Cancel(task);
  }
  server_.AwaitIdle();
  EXPECT_LE(OpenDescriptors(), with_one);

  transport_.reset();
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_F(CurlTransportLifetimeTest, ATransportMayEndBeforeItsLoop) {
  Start(hello_, 5);
  scope_.Join([&] { transport_.reset(); });
  RunUntil([&] { return transport_ == nullptr; });
  RunReady(loop_);
  EXPECT_EQ(Answered(StatusCode::kOk), 5);
}

TEST(CurlEventLoopTest, MayEndWhileItsTimerIsDue) {
  // libcurl requests to be called at once when a transfer is added. That call
  // is queued behind the handler that destroys who would answer it.
  const DeadPort nobody;
  asio::io_context loop;
  const CurlEasy easy(curl_easy_init());
  curl_easy_setopt(easy.get(), CURLOPT_URL, nobody.url().c_str());
  int reports = 0;
  auto curl = std::make_unique<CurlEventLoop>(
      loop.get_executor(), [&](CURL*, CURLcode) { ++reports; });
  asio::post(loop, [&] {
    curl->Remove(easy.get());
    curl.reset();
  });
  curl->Add(easy.get());
  loop.run();
  EXPECT_EQ(reports, 0);
}

}  // namespace
}  // namespace mentiond
