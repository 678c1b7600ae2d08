// The transport against a server that behaves.

#include "lib/http/curl_transport.h"

#include <set>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"

#include "tests/lib/http/transport_fixture.h"

namespace mentiond {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CurlTransportTest : public TransportFixture {
 protected:
  // Responds with the status that the path has, or 200, and the body of the
  // request, or its path; /meet waits until so many are there.
  void Serve(RawConnection& connection) {
    std::string request;
    while (!(request = connection.ReadRequest()).empty()) {
      const std::vector<std::string> words = absl::StrSplit(request, ' ');
      std::string body = words[1];
      if (const size_t at = request.find("\r\nContent-Length: ");
          at != std::string::npos) {
        body = connection.ReadBody(std::stoul(request.substr(at + 18)));
        request += body;
      }
      {
        const absl::MutexLock lock(&mutex_);
        last_ = request;
        if (body.starts_with("/meet")) {
          --missing_;
          mutex_.Await(absl::Condition(
              +[](int* missing) { return *missing <= 0; }, &missing_));
        }
      }
      const int status = std::atoi(body.c_str() + 1);
      connection.Send(absl::StrCat(
          "HTTP/1.1 ", status == 0 ? 200 : status, " X\r\nLocation: /hello\r\n",
          "X-Greeting:   good day \r\n", "Content-Length: ", body.size(),
          "\r\n\r\n", body));
    }
  }
  // The last request, whatever it was.
  std::string Last() {
    const absl::MutexLock lock(&mutex_);
    return last_;
  }

  absl::Mutex mutex_;
  std::string last_;
  int missing_ = 0;
  RawServer server_{[this](RawConnection& connection) { Serve(connection); }};
};

TEST_F(CurlTransportTest, SendsTheHeadersItIsGivenAndNothingSticksToTheNext) {
  HttpRequest post = Request(server_.url() + "/echo?a=1&b=x%20y");
  post.headers.Add("Accept", "application/vnd.github+json");
  post.headers.Add("User-Agent", "mentiond/test");
  post.post_body = "question";
  HttpRequest anonymous;
  anonymous.url = server_.url() + "/hello";
  for (int round = 0; round < 3; ++round) {
    const Answer echoed = Send(*transport_, post);
    ASSERT_TRUE(echoed.ok()) << echoed.status();
    EXPECT_EQ(echoed->body, "question");
    const std::string sent = Last();
    EXPECT_THAT(sent, StartsWith("POST /echo?a=1&b=x%20y HTTP/1.1\r\n"));
    for (const std::string& header :
         {std::string("Accept: application/vnd.github+json"),
          std::string("User-Agent: mentiond/test"),
          absl::StrCat("Authorization: Bearer ", kToken)}) {
      EXPECT_THAT(sent, HasSubstr(absl::StrCat("\r\n", header, "\r\n")));
    }
    for (const char* name : {"\r\nAccept: ", "\r\nUser-Agent: "}) {
      EXPECT_EQ(sent.find(name), sent.rfind(name)) << "once";
    }
    EXPECT_THAT(sent, HasSubstr("gzip"));

    const Answer greeting = Send(*transport_, anonymous);
    ASSERT_TRUE(greeting.ok()) << greeting.status();
    EXPECT_EQ(greeting->body, "/hello");
    EXPECT_THAT(
        Last(),
        AllOf(StartsWith("GET /hello HTTP/1.1\r\n"), EndsWith("\r\n\r\n"),
              Not(HasSubstr("vnd.github")), Not(HasSubstr("mentiond/test")),
              Not(HasSubstr("Authorization")),
              Not(HasSubstr("Content-Length"))));
  }
  EXPECT_EQ(server_.accepted(), 1U) << "on one connection";
}

TEST_F(CurlTransportTest, EveryStatusIsAResponseAndNoRedirectIsFollowed) {
  for (const int status : {200, 301, 302, 307, 308, 400, 401, 403, 404, 410,
                           422, 429, 451, 500, 502, 503}) {
    const std::string path = absl::StrCat("/", status);
    const Answer answer = Get(server_.url() + path);
    ASSERT_TRUE(answer.ok()) << status << ": " << answer.status();
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->body, path);
    EXPECT_EQ(answer->headers.Get("location"), "/hello");
    EXPECT_EQ(answer->headers.Get("x-greeting"), "good day");
    EXPECT_THAT(Last(), HasSubstr(path));
  }
  EXPECT_EQ(server_.accepted(), 1U) << "the connection is kept";
}

TEST_F(CurlTransportTest, FiftyRequestsAreUnderWayAtOnce) {
  // Nobody is answered before all are there.
  constexpr int kRequests = 50;
  missing_ = kRequests;
  for (int i = 0; i < kRequests; ++i) {
    Start(absl::StrCat(server_.url(), "/meet", i));
  }
  AwaitAll();

  std::set<std::string> bodies;
  for (const Answer& answer : answers_) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    bodies.insert(answer->body);
  }
  EXPECT_EQ(bodies.size(), size_t{kRequests}) << "each its own answer";

  // What comes later finds connections that are there already.
  EXPECT_EQ(server_.accepted(), size_t{kRequests});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Get(server_.url()).ok());
  EXPECT_EQ(server_.accepted(), size_t{kRequests});
}

}  // namespace
}  // namespace mentiond
