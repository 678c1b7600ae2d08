// The way to GitHub: Enterprise Server as a company has it, with its own name
// and certificate authority, TLS, HTTP/2, and the API below /api/v3; and
// proxies, as libcurl's environment variables say.

#include <csignal>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/proxies.h"
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

constexpr char kSecret[] = "ghp_NobodyMayEverReadThisInALog";

class EnterpriseTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string why_not = Nginx::WhyNot();
    if (!why_not.empty()) {
      GTEST_SKIP() << why_not
                   << ": mentiond is not tried with TLS, HTTP/2 and /api/v3";
    }
  }

  // Starts all three. `host` is how mentiond calls nginx; `env` is made when
  // that runs.
  void Start(
      bool trust, const std::string& host = "localhost",
      const std::function<std::map<std::string, std::string>()>& env = [] {
        return std::map<std::string, std::string>();
      }) {
    service_ = std::make_unique<Service>([&](FakeGitHub& github) {
      nginx_ = std::make_unique<Nginx>(github.url());
      // Each loop has connections of its own.
      Launch launch = {.github_api = absl::StrCat("https://", host, ":",
                                                  nginx_->port(), "/api/v3"),
                       .flags = {"--event_loops=1"},
                       .env = env()};
      if (trust) {
        launch.flags.push_back(
            absl::StrCat("--github_ca_file=", nginx_->ca_file()));
      }
      return launch;
    });
  }

  std::unique_ptr<Stream> Subscribe(const std::string& token = kSecret) {
    return service_->Subscribe(Request(kRepo, "octocat", token));
  }

  // Ends mentiond. Its log must not have the token in it.
  void ExpectNoTokenInLog() {
    // In order, it would give our idle channel some seconds to go.
    EXPECT_EQ(service_->StopServer(SIGKILL).signal, SIGKILL)
        << "it had not ended before";
    EXPECT_THAT(service_->RestOfLog(),
                testing::Not(testing::HasSubstr("ghp_")));
  }

  std::unique_ptr<Nginx> nginx_;
  std::unique_ptr<Service> service_;
};

TEST_F(EnterpriseTest, MentionsComeOverOneConnectionThatIsShared) {
  // Given comments that fill three pages, all of one second so that only the
  // links lead from page to page
  Start(/*trust=*/true);
  FakeRepository& repo = service_->github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "Speeds it up.");
  const absl::Time second = absl::Now() - absl::Hours(1);
  std::multiset<int64_t> expected;
  for (int i = 0; i < 250; ++i) {
    expected.insert(repo.AddIssueComment(
        pull, "hubot", absl::StrCat("@octocat ", i), {.created_at = second}));
  }

  // When three people subscribe at the same time
  std::vector<std::unique_ptr<Stream>> streams;
  for (const char* suffix : {"", "2", "3"}) {
    streams.push_back(Subscribe(absl::StrCat(kSecret, suffix)));
  }

  // Then each gets the whole history, and what comes after it.
  for (const auto& stream : streams) {
    std::multiset<int64_t> delivered;
    for (const auto& mention : stream->ReadHistory()) {
      delivered.insert(mention.id());
      EXPECT_TRUE(absl::StartsWith(mention.url(), "https://")) << mention.url();
    }
    EXPECT_EQ(delivered, expected);
  }
  const int64_t live = repo.AddIssueComment(pull, "mona", "and @octocat now");
  for (const auto& stream : streams) {
    const auto mention = stream->NextMention();
    ASSERT_TRUE(mention.has_value());
    EXPECT_EQ(mention->id(), live);
  }
  streams.clear();
  ExpectNoTokenInLog();

  // And nginx has seen HTTP/2 on one connection, and the links followed.
  const std::vector<NginxRequest> requests = nginx_->StopAndReadLog();
  std::set<std::string> connections;
  int later_pages = 0;
  int queries = 0;
  for (const NginxRequest& request : requests) {
    EXPECT_EQ(request.protocol, "HTTP/2.0") << request.target;
    const bool is_graphql = request.target == "/api/graphql";
    queries += is_graphql;
    EXPECT_TRUE(is_graphql || absl::StartsWith(request.target, "/api/v3/"))
        << request.target;
    connections.insert(request.connection);
    later_pages += Contains(request.target, "/issues/comments?") &&
                   (Contains(request.target, "&page=2") ||
                    Contains(request.target, "&page=3"));
  }
  EXPECT_EQ(connections.size(), 1U);
  EXPECT_GE(later_pages, 2) << "links were followed";
  EXPECT_GE(queries, 3) << "one for each token";
}

TEST_F(EnterpriseTest, WhoIsNotWhoItShouldBeIsToldNothing) {
  struct Case {
    bool trust;
    const char* host;
    const char* log;
  };
  // Given a mentiond that was not told of the company's authority, or that
  // calls the server by a name that its certificate is not for
  for (const auto& [trust, host, log] :
       {Case{false, "localhost", "certificate"},
        Case{true, "127.0.0.1", "certificate subject name"}}) {
    Start(trust, host);
    // When somebody subscribes, then the log says what is wrong, again and
    // again,
    const auto stream = Subscribe();
    for (int i = 0; i < 2; ++i) service_->WaitForLog(log);
    // while the stream stays open until its client ends it.
    stream->Cancel();
    EXPECT_TRUE(Contains(service_->WaitUntilNoStreamIsOpen(), "CANCELLED"));
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
    ExpectNoTokenInLog();
    EXPECT_TRUE(nginx_->StopAndReadLog().empty());
  }
}

TEST_F(EnterpriseTest, ThroughAProxyThereIsATunnelThatDoesNotLearnTheToken) {
  std::unique_ptr<ConnectProxy> proxy;
  Start(/*trust=*/true, "localhost", [&] {
    proxy = std::make_unique<ConnectProxy>(nginx_->port());
    return std::map<std::string, std::string>{{"https_proxy", proxy->url()}};
  });
  Fill(service_->github());

  EXPECT_EQ(Subscribe()->ReadHistory().size(), 1);

  const std::vector<std::string> heads = proxy->heads();
  ASSERT_EQ(heads.size(), 1U) << "one tunnel for all requests";
  EXPECT_THAT(heads[0],
              testing::AllOf(testing::HasSubstr(absl::StrCat(
                                 "CONNECT localhost:", nginx_->port())),
                             testing::Not(testing::HasSubstr("Authorization")),
                             testing::Not(testing::HasSubstr("ghp_"))));
  const std::vector<NginxRequest> requests = nginx_->StopAndReadLog();
  EXPECT_FALSE(requests.empty());
  for (const NginxRequest& request : requests) {
    EXPECT_EQ(request.protocol, "HTTP/2.0");
  }
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
  EXPECT_EQ(service.Subscribe()->ReadHistory().size(), 1);
  const std::vector<RequestRecord> requests = service.github().requests();
  EXPECT_FALSE(requests.empty());
  for (const RequestRecord& request : requests) {
    EXPECT_EQ(request.base_url, "http://github.invalid") << request.target;
  }
}

TEST(ProxyTest, OneThatCannotBeReachedIsGoneAroundOnlyWhereNoProxySaysSo) {
  const DeadPort nobody;
  for (const char* no_proxy : {"example.com", "example.com,127.0.0.1"}) {
    Service service([&](FakeGitHub& github) {
      Fill(github);
      return Launch{
          .env = {{"http_proxy", nobody.url()}, {"no_proxy", no_proxy}}};
    });
    const auto stream = service.Subscribe();
    if (Contains(no_proxy, "127.0.0.1")) {
      EXPECT_EQ(stream->ReadHistory().size(), 1);
      continue;
    }
    // It is a fault that may pass: the log says so each time, the stream stays
    // open.
    for (int i = 0; i < 2; ++i) service.WaitForLog("next attempt");
    EXPECT_TRUE(service.github().requests().empty());
    stream->Cancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
}

}  // namespace
}  // namespace mentiond
