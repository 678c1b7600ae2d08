// A transport that responds by a function of the test, and records its
// requests.

#ifndef MENTIOND_TESTS_FAKES_FAKE_TRANSPORT_H_
#define MENTIOND_TESTS_FAKES_FAKE_TRANSPORT_H_

#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "asio/redirect_error.hpp"
#include "asio/steady_timer.hpp"
#include "asio/this_coro.hpp"
#include "asio/use_awaitable.hpp"

#include "lib/base/task_scope.h"
#include "lib/http/http.h"

namespace mentiond {

// One thread only: the one that runs the loop.
class FakeTransport final : public HttpTransport {
 public:
  using Handler =
      std::function<absl::StatusOr<HttpResponse>(const HttpRequest&)>;

  explicit FakeTransport(Handler handler) : handler_(std::move(handler)) {}

  asio::awaitable<absl::StatusOr<HttpResponse>> Send(
      const HttpRequest& request) override {
    requests_.push_back(request);
    if (held_) {
      asio::steady_timer release(co_await asio::this_coro::executor,
                                 asio::steady_timer::time_point::max());
      const auto place = waiting_.insert(waiting_.end(), &release);
      asio::error_code ignored;
      co_await release.async_wait(
          asio::redirect_error(asio::use_awaitable, ignored));
      waiting_.erase(place);
    }
    const bool cancelled =
        IsCancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) {
      co_return absl::CancelledError("the request was cancelled");
    }
    co_return handler_(request);
  }

  // From now on requests wait for Release().
  void Hold() { held_ = true; }
  void Release() {
    held_ = false;
    for (asio::steady_timer* release : waiting_) release->cancel();
  }
  // Requests that wait for Release().
  size_t waiting() const { return waiting_.size(); }

  const std::vector<HttpRequest>& requests() const { return requests_; }

 private:
  Handler handler_;
  std::vector<HttpRequest> requests_;
  bool held_ = false;
  std::list<asio::steady_timer*> waiting_;
};

// A response with a body and, pairwise, header names and values.
inline HttpResponse Answer(
    int status, std::string body,
    std::vector<std::pair<std::string, std::string>> headers = {}) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  for (const auto& [name, value] : headers) {
    response.headers.Add(name, value);
  }
  return response;
}

}  // namespace mentiond

#endif  // MENTIOND_TESTS_FAKES_FAKE_TRANSPORT_H_
