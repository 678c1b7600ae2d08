// What the tests of the curl transport share: an event loop on the test's own
// thread, and requests that all carry a token.

#ifndef MENTIOND_TESTS_LIB_HTTP_TRANSPORT_FIXTURE_H_
#define MENTIOND_TESTS_LIB_HTTP_TRANSPORT_FIXTURE_H_

#include <cstddef>
#include <filesystem>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "asio/awaitable.hpp"
#include "asio/executor_work_guard.hpp"
#include "asio/io_context.hpp"
#include "asio/post.hpp"
#include "gtest/gtest.h"

#include "lib/base/secret.h"
#include "lib/base/task_scope.h"
#include "lib/http/curl_transport.h"
#include "lib/http/http.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {

inline constexpr char kToken[] = "ghp_NobodyMayEverReadThisInAnError";

// Descriptors that this process has open.
inline size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(
      std::distance(begin(all), std::filesystem::directory_iterator()));
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

  // Sends one request and waits for its answer. Whatever goes wrong, the words
  // must not have the token in them.
  Answer Get(HttpTransport& transport, std::string url) {
    Answer answer =
        RunUntilDone(loop_, transport.Send(Request(std::move(url))));
    EXPECT_FALSE(absl::StrContains(answer.status().ToString(), kToken));
    return answer;
  }

  // The same on a transport of its own.
  Answer Get(std::string url, CurlTransportOptions options = {}) {
    CurlTransport transport(loop_.get_executor(), std::move(options));
    return Get(transport, std::move(url));
  }

  // A task that appends its response to the others.
  static asio::awaitable<void> GetInto(HttpTransport* transport,
                                       HttpRequest request,
                                       std::vector<Answer>* answers) {
    Answer answer = co_await transport->Send(std::move(request));
    answers->push_back(std::move(answer));
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
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_HTTP_TRANSPORT_FIXTURE_H_
