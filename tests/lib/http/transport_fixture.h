// What the tests of the curl transport share: an event loop on the test's own
// thread, and requests that all carry a token.

#ifndef MENTIOND_TESTS_LIB_HTTP_TRANSPORT_FIXTURE_H_
#define MENTIOND_TESTS_LIB_HTTP_TRANSPORT_FIXTURE_H_

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "asio/executor_work_guard.hpp"
#include "asio/post.hpp"
#include "gtest/gtest.h"

#include "lib/base/task_scope.h"
#include "lib/http/curl_transport.h"
#include "tests/fakes/run_loop.h"
#include "tests/lib/http/raw_server.h"

namespace mentiond {

inline constexpr char kToken[] = "ghp_NobodyMayEverReadThisInAnError";

// A good response, with some headers (each with its line end).
inline std::string Ok(std::string_view body, std::string_view headers = "") {
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(),
                      "\r\n", std::string(headers), "\r\n", std::string(body));
}

class TransportFixture : public ::testing::Test {
 protected:
  using Answer = absl::StatusOr<HttpResponse>;

  static HttpRequest Request(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    request.bearer = Secret(kToken);
    return request;
  }
  std::unique_ptr<CurlTransport> NewTransport(
      CurlTransportOptions options = {}) {
    return std::make_unique<CurlTransport>(loop_.get_executor(),
                                           std::move(options));
  }

  // Sends one request and waits for its answer. Whatever goes wrong, the words
  // must not have the token in them.
  Answer Send(HttpTransport& transport, HttpRequest request) {
    Answer answer = RunUntilDone(loop_, transport.Send(std::move(request)));
    EXPECT_FALSE(absl::StrContains(answer.status().ToString(), kToken));
    return answer;
  }
  Answer Get(std::string url) {
    return Send(*transport_, Request(std::move(url)));
  }
  // On a transport of its own.
  Answer Get(std::string url, CurlTransportOptions options) {
    return Send(*NewTransport(std::move(options)), Request(std::move(url)));
  }

  // Sends requests whose responses are appended to answers_.
  TaskScope::TaskId Start(std::string url) {
    return scope_.Spawn(
        GetInto(transport_.get(), Request(std::move(url)), &answers_));
  }
  void Start(const std::string& url, int times) {
    for (int i = 0; i < times; ++i) Start(url);
  }
  // Cancels one of them, or all, which must not wait for anything.
  void Cancel(TaskScope::TaskId task) {
    scope_.Cancel(task);
    RunReady(loop_);
  }
  void CancelAll() {
    scope_.CancelAll();
    RunReady(loop_);
    EXPECT_EQ(scope_.size(), 0U);
  }
  void AwaitAll() {
    RunUntil([this] { return scope_.size() == 0; });
  }
  // How many of the responses have that status.
  auto Answered(absl::StatusCode code) const {
    return std::count_if(
        answers_.begin(), answers_.end(),
        [&](const Answer& answer) { return answer.status().code() == code; });
  }

  // Runs the loop until `reached`; what other threads do must be told by
  // OnLoop().
  void RunUntil(const std::function<bool()>& reached) {
    loop_.restart();
    while (!reached()) loop_.run_one();
  }

  // Any thread: runs `told` on the loop's.
  void OnLoop(std::function<void()> told) {
    asio::post(loop_, std::move(told));
  }

  asio::io_context loop_;
  // A loop with nothing to do waits for other threads instead of returning.
  asio::executor_work_guard<asio::io_context::executor_type> keep_{
      loop_.get_executor()};
  std::unique_ptr<CurlTransport> transport_ = NewTransport();
  std::vector<Answer> answers_;
  TaskScope scope_{loop_.get_executor()};

 private:
  static asio::awaitable<void> GetInto(HttpTransport* transport,
                                       HttpRequest request,
                                       std::vector<Answer>* answers) {
    Answer answer = co_await transport->Send(std::move(request));
    answers->push_back(std::move(answer));
  }
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_HTTP_TRANSPORT_FIXTURE_H_
