// The transport against a server that behaves (cpp-httplib's).

#include "lib/http/curl_transport.h"

#include <atomic>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"

#include "lib/http/http.h"
#include "tests/lib/http/transport_fixture.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

constexpr size_t kThreads = 64;

class CurlTransportTest : public TransportFixture {
 protected:
  CurlTransportTest() {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_keep_alive_max_count(10'000);
    server_.set_tcp_nodelay(true);
    // Remembers the last request, whatever it was.
    server_.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response&) {
          const absl::MutexLock lock(&mutex_);
          last_ = request;
          clients_.insert(request.remote_port);
          return httplib::Server::HandlerResponse::Unhandled;
        });
    server_.Get("/hello",
                [](const httplib::Request&, httplib::Response& response) {
                  response.set_header("X-Greeting", "  good day ");
                  response.set_content("hello", "text/plain");
                });
    server_.Get(R"(/status/(\d+))", [](const httplib::Request& request,
                                       httplib::Response& response) {
      response.status = std::stoi(request.matches[1]);
      response.set_header("Location", "/hello");
      response.set_content(absl::StrCat("this is ", response.status),
                           "text/plain");
    });
    const int port = server_.bind_to_any_port("127.0.0.1");
    url_ = absl::StrCat("http://127.0.0.1:", port);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }

  ~CurlTransportTest() override {
    // It can only be stopped once it listens, which a response proves.
    EXPECT_TRUE(Get(url_ + "/hello").ok());
    server_.stop();
    thread_.join();
  }

  httplib::Request LastRequest() {
    const absl::MutexLock lock(&mutex_);
    return last_;
  }
  // From how many connections requests have come.
  size_t Connections() {
    const absl::MutexLock lock(&mutex_);
    return clients_.size();
  }

  httplib::Server server_;
  std::string url_;

 private:
  absl::Mutex mutex_;
  httplib::Request last_;
  std::set<int> clients_;
  std::thread thread_;
};

TEST_F(CurlTransportTest, GivesStatusHeadersAndBody) {
  const Answer answer = Get(url_ + "/hello");

  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->headers.Get("x-greeting"), "good day");
  EXPECT_EQ(answer->headers.Get("content-type"), "text/plain");
}

TEST_F(CurlTransportTest, SendsTheHeadersItIsGiven) {
  CurlTransport transport(loop_.get_executor(), {});
  HttpRequest request = Request(url_ + "/hello?a=1&b=x%20y");
  request.headers.Add("Accept", "application/vnd.github+json");
  request.headers.Add("User-Agent", "mentiond/test");
  request.headers.Add("X-GitHub-Api-Version", "2022-11-28");

  const Answer answer = RunUntilDone(loop_, transport.Send(std::move(request)));

  ASSERT_TRUE(answer.ok()) << answer.status();
  const httplib::Request seen = LastRequest();
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.target, "/hello?a=1&b=x%20y");
  EXPECT_EQ(seen.get_header_value("Accept"), "application/vnd.github+json");
  EXPECT_EQ(seen.get_header_value_count("Accept"), 1U);
  EXPECT_EQ(seen.get_header_value("User-Agent"), "mentiond/test");
  EXPECT_EQ(seen.get_header_value_count("User-Agent"), 1U);
  EXPECT_EQ(seen.get_header_value("X-GitHub-Api-Version"), "2022-11-28");
  EXPECT_THAT(seen.get_header_value("Accept-Encoding"), HasSubstr("gzip"));
}

TEST_F(CurlTransportTest, AuthorisesOnlyARequestWithAToken) {
  CurlTransport transport(loop_.get_executor(), {});
  ASSERT_TRUE(Get(transport, url_ + "/hello").ok());
  EXPECT_EQ(LastRequest().get_header_value("Authorization"),
            absl::StrCat("Bearer ", kToken));

  // On the same transport and connection: nothing of it may stick.
  HttpRequest anonymous;
  anonymous.url = url_ + "/hello";
  ASSERT_TRUE(RunUntilDone(loop_, transport.Send(std::move(anonymous))).ok());

  EXPECT_FALSE(LastRequest().has_header("Authorization"));
  EXPECT_EQ(Connections(), 1U);
}

TEST_F(CurlTransportTest, NothingOfARequestSticksToTheNext) {
  server_.Post("/echo", [](const httplib::Request& request,
                           httplib::Response& response) {
    response.set_content(request.body, "text/plain");
  });
  CurlTransport transport(loop_.get_executor(), {});
  HttpRequest post;
  post.url = url_ + "/echo";
  post.bearer = Secret(kToken);
  post.headers.Add("X-Only", "here");
  post.post_body = "question";
  for (int round = 0; round < 3; ++round) {
    const auto echoed = RunUntilDone(loop_, transport.Send(post));
    ASSERT_TRUE(echoed.ok());
    EXPECT_EQ(echoed->body, "question");

    HttpRequest get;
    get.url = url_ + "/hello";
    const auto greeting = RunUntilDone(loop_, transport.Send(std::move(get)));
    ASSERT_TRUE(greeting.ok());
    EXPECT_EQ(greeting->body, "hello");
    EXPECT_EQ(LastRequest().method, "GET");
    EXPECT_EQ(LastRequest().body, "");
    EXPECT_FALSE(LastRequest().has_header("X-Only"));
    EXPECT_FALSE(LastRequest().has_header("Authorization"));
    EXPECT_FALSE(LastRequest().has_header("Content-Length"));
  }
  EXPECT_EQ(Connections(), 1U);
}

TEST_F(CurlTransportTest, EveryStatusIsAResponse) {
  for (const int status :
       {200, 400, 401, 403, 404, 410, 422, 429, 451, 500, 502, 503}) {
    const Answer answer = Get(absl::StrCat(url_, "/status/", status));

    ASSERT_TRUE(answer.ok()) << status << ": " << answer.status();
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->body, absl::StrCat("this is ", status));
  }
}

TEST_F(CurlTransportTest, ARedirectIsAResponseAndNotFollowed) {
  for (const int status : {301, 302, 307, 308}) {
    const Answer answer = Get(absl::StrCat(url_, "/status/", status));

    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->headers.Get("location"), "/hello");
    EXPECT_EQ(LastRequest().path, absl::StrCat("/status/", status));
  }
}

TEST_F(CurlTransportTest, KeepsItsConnectionForTheNextRequest) {
  CurlTransport transport(loop_.get_executor(), {});

  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Get(transport, url_ + "/hello").ok());
  }

  EXPECT_EQ(Connections(), 1U);
}

TEST_F(CurlTransportTest, FiftyRequestsAreUnderWayAtOnce) {
  constexpr int kRequests = 50;
  absl::Mutex mutex;
  int present = 0;
  std::atomic<int> met = 0;
  // Nobody is answered before all are there.
  server_.Get("/meet", [&](const httplib::Request& request,
                           httplib::Response& response) {
    const auto all_here = [&] { return present == kRequests; };
    const absl::MutexLock lock(&mutex);
    ++present;
    if (mutex.AwaitWithTimeout(absl::Condition(&all_here), absl::Seconds(30))) {
      ++met;
    }
    response.set_content(request.get_param_value("who"), "text/plain");
  });
  CurlTransport transport(loop_.get_executor(), {});
  TaskScope scope(loop_.get_executor());
  std::vector<Answer> answers;
  for (int i = 0; i < kRequests; ++i) {
    scope.Spawn(GetInto(
        &transport, Request(absl::StrCat(url_, "/meet?who=", i)), &answers));
  }

  RunUntil([&] { return scope.size() == 0; });

  EXPECT_EQ(met, kRequests);
  std::set<std::string> bodies;
  for (const Answer& answer : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    bodies.insert(answer->body);
  }
  EXPECT_EQ(bodies.size(), static_cast<size_t>(kRequests))
      << "each its own answer";

  // What comes later finds connections that are there already.
  const size_t connections = Connections();
  EXPECT_LE(connections, static_cast<size_t>(kRequests));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Get(transport, url_ + "/hello").ok());
  }
  EXPECT_EQ(Connections(), connections);
}

}  // namespace
}  // namespace mentiond
