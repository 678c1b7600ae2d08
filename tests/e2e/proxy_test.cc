// mentiond where GitHub is reached through a proxy: libcurl's environment
// variables say which.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"

#include "tests/e2e/nginx.h"
#include "tests/e2e/service.h"
#include "tests/lib/http/raw_server.h"

namespace mentiond {
namespace {

// A proxy for TLS: whatever the name requested, it connects to `port`.
class ConnectProxy {
 public:
  explicit ConnectProxy(int port)
      : server_([this, port](RawConnection& connection) {
          std::string head = connection.ReadRequest();
          {
            const absl::MutexLock lock(&mutex_);
            heads_.push_back(std::move(head));
          }
          connection.Send("HTTP/1.1 200 Connection established\r\n\r\n");
          connection.RelayTo(port);
        }) {}

  const std::string& url() const { return server_.url(); }

  // The requests that came, without what went through.
  std::vector<std::string> heads() const {
    const absl::MutexLock lock(&mutex_);
    return heads_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> heads_ ABSL_GUARDED_BY(mutex_);
  RawServer server_;
};

// A repository with one mention.
void Fill(FakeGitHub& github) {
  github.repo(kRepo).AddPull("mona", "Hello @octocat");
}

TEST(ProxyTest, PlainHttpGoesWhereHttpProxySays) {
  // Given a GitHub that only the proxy knows (RFC 6761: .invalid never
  // resolves); the stand-in is its own proxy
  Service service([](FakeGitHub& github) {
    Fill(github);
    return Launch{.github_api = "http://github.invalid",
                  .env = {{"http_proxy", github.url()}}};
  });

  // Then mentions come, through it.
  EXPECT_EQ(service.Subscribe(kRepo, "octocat")->ReadHistory().size(), 1);
  const std::vector<RequestRecord> requests = service.github().requests();
  EXPECT_FALSE(requests.empty());
  for (const RequestRecord& request : requests) {
    EXPECT_EQ(request.base_url, "http://github.invalid") << request.target;
  }
}

TEST(ProxyTest, WhatNoProxyNamesIsAskedItself) {
  // Given a proxy that nobody can reach, and a GitHub that needs none
  const DeadPort nobody;
  Service service([&](FakeGitHub& github) {
    Fill(github);
    return Launch{.env = {{"http_proxy", nobody.url()},
                          {"no_proxy", "example.com,127.0.0.1"}}};
  });

  EXPECT_EQ(service.Subscribe(kRepo, "octocat")->ReadHistory().size(), 1);
}

TEST(ProxyTest, AProxyThatCannotBeReachedIsAFaultThatMayPass) {
  const DeadPort nobody;
  Service service([&](FakeGitHub& github) {
    Fill(github);
    return Launch{.env = {{"http_proxy", nobody.url()}}};
  });

  const auto stream = service.Subscribe(kRepo, "octocat");

  // It is not gone around, the log says so each time, the stream stays open.
  for (int i = 0; i < 2; ++i) {
    const auto line = service.server().WaitForLine(
        Subprocess::Stream::kStderr,
        [](std::string_view text) { return Contains(text, "next attempt"); },
        Deadline());
    ASSERT_TRUE(line.ok()) << line.status();
  }
  EXPECT_TRUE(service.github().requests().empty());
  stream->Cancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST(ProxyTest, TlsGoesThroughATunnelThatDoesNotLearnTheToken) {
  if (const std::string why_not = Nginx::WhyNot(); !why_not.empty()) {
    GTEST_SKIP() << why_not << ": TLS through a proxy is not tried";
  }
  std::unique_ptr<Nginx> nginx;
  std::unique_ptr<ConnectProxy> proxy;
  Service service([&](FakeGitHub& github) {
    Fill(github);
    nginx = std::make_unique<Nginx>(github.url());
    proxy = std::make_unique<ConnectProxy>(nginx->port());
    return Launch{
        .github_api = nginx->api_url(),
        .flags = {"--poll_interval=100ms",
                  absl::StrCat("--github_ca_file=", nginx->ca_file())},
        .env = {{"https_proxy", proxy->url()}}};
  });

  EXPECT_EQ(service.Subscribe(kRepo, "octocat")->ReadHistory().size(), 1);

  const std::vector<std::string> heads = proxy->heads();
  ASSERT_EQ(heads.size(), 1U) << "one tunnel for all requests";
  EXPECT_TRUE(
      Contains(heads[0], absl::StrCat("CONNECT localhost:", nginx->port())))
      << heads[0];
  EXPECT_FALSE(Contains(heads[0], "Authorization")) << heads[0];
  EXPECT_FALSE(Contains(heads[0], kToken)) << heads[0];
  const std::vector<NginxRequest> requests = nginx->StopAndReadLog();
  EXPECT_FALSE(requests.empty());
  for (const NginxRequest& request : requests) {
    EXPECT_EQ(request.protocol, "HTTP/2.0");
  }
}

}  // namespace
}  // namespace mentiond
