// A transport whose other end is the stand-in GitHub in the same thread: no
// network, no waiting, so that whole hours of polling can be told in a test.

#ifndef MENTIOND_TESTS_FAKES_GITHUB_TRANSPORT_H_
#define MENTIOND_TESTS_FAKES_GITHUB_TRANSPORT_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

#include "tests/fake_github/fake_github.h"
#include "tests/fakes/fake_transport.h"

namespace mentiond {

// What GitHubClientOptions::api_url is for it.
inline constexpr char kInProcessApi[] = "http://github.test";

// The response of `github`, with its scripted faults.
inline absl::StatusOr<HttpResponse> Ask(FakeGitHub& github,
                                        const HttpRequest& request) {
  fake_github::ApiRequest api;
  api.method = request.post_body ? "POST" : "GET";
  api.body = request.post_body.value_or("");
  api.base_url = kInProcessApi;
  fake_github::ParseTarget(request.url.substr(sizeof(kInProcessApi) - 1), api);
  api.target = request.url.substr(sizeof(kInProcessApi) - 1);
  api.user_agent = std::string(request.headers.Get("user-agent").value_or(""));
  api.accept = std::string(request.headers.Get("accept").value_or(""));
  api.if_none_match =
      std::string(request.headers.Get("if-none-match").value_or(""));
  api.token = std::string(request.bearer.Expose());

  fake_github::Delivery delivery = github.Handle(api);
  if (delivery.manner != fake_github::Delivery::Manner::kWhole) {
    return absl::UnavailableError("the connection was closed");
  }
  HttpResponse response;
  response.status = delivery.answer.status;
  response.body = std::move(delivery.answer.body);
  for (const auto& [name, value] : delivery.answer.headers) {
    response.headers.Add(name, value);
  }
  return response;
}

inline FakeTransport TransportTo(FakeGitHub& github) {
  return FakeTransport(
      [&github](const HttpRequest& request) { return Ask(github, request); });
}

}  // namespace mentiond

#endif  // MENTIOND_TESTS_FAKES_GITHUB_TRANSPORT_H_
