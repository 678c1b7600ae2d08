// GitHub Enterprise Server as a company has it: its own name and certificate
// authority, TLS, HTTP/2, and the API below /api/v3.

#include <csignal>
#include <cstdint>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "tests/e2e/nginx.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

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

  // Starts all three. `host` is how mentiond calls nginx.
  void Start(bool trust, const std::string& host = "localhost") {
    service_ = std::make_unique<Service>([&](FakeGitHub& github) {
      nginx_ = std::make_unique<Nginx>(github.url());
      Launch launch;
      // Each loop has connections of its own.
      launch.flags.push_back("--event_loops=1");
      launch.github_api =
          absl::StrCat("https://", host, ":", nginx_->port(), "/api/v3");
      if (trust) {
        launch.flags.push_back(
            absl::StrCat("--github_ca_file=", nginx_->ca_file()));
      }
      return launch;
    });
  }

  std::unique_ptr<Stream> Subscribe(const std::string& token = kSecret) {
    mentions::v1::SubscribeRequest request;
    request.set_repo(kRepo);
    request.set_user("octocat");
    request.set_token(token);
    return service_->Subscribe(request);
  }

  // Waits for a line of mentiond's log with `words` in it.
  void ExpectLogged(std::string_view words) {
    const auto line = service_->server().WaitForLine(
        Subprocess::Stream::kStderr,
        [words](std::string_view text) {
          EXPECT_FALSE(Contains(text, kSecret)) << text;
          return Contains(text, words);
        },
        Deadline());
    ASSERT_TRUE(line.ok()) << line.status();
  }

  // Ends mentiond. The rest of its log must not have the token in it.
  void ExpectNoTokenInLog() {
    // In order, it would give our idle channel some seconds to go.
    ASSERT_TRUE(service_->server().Signal(SIGKILL).ok());
    const auto log =
        service_->server().ReadAll(Subprocess::Stream::kStderr, Deadline());
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_FALSE(Contains(*log, "ghp_")) << *log;
    const auto exit = service_->server().Wait(Deadline());
    ASSERT_TRUE(exit.ok()) << exit.status();
    EXPECT_EQ(exit->signal, SIGKILL) << "it had not ended before";
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
  std::set<std::string> handshakes;
  int later_pages = 0;
  int queries = 0;
  for (const NginxRequest& request : requests) {
    EXPECT_EQ(request.protocol, "HTTP/2.0") << request.target;
    const bool is_graphql = request.target == "/api/graphql";
    queries += is_graphql;
    EXPECT_TRUE(is_graphql || absl::StartsWith(request.target, "/api/v3/"))
        << request.target;
    connections.insert(request.connection);
    if (!request.session_reused) handshakes.insert(request.connection);
    later_pages += Contains(request.target, "/issues/comments?") &&
                   (Contains(request.target, "&page=2") ||
                    Contains(request.target, "&page=3"));
  }
  EXPECT_EQ(connections.size(), 1U);
  EXPECT_GE(later_pages, 2) << "links were followed";
  EXPECT_GE(queries, 3) << "one for each token";
  std::cout << requests.size() << " requests on " << connections.size()
            << " connection(s), " << handshakes.size()
            << " with a whole TLS handshake; " << later_pages
            << " of second and third pages\n";
}

TEST_F(EnterpriseTest, AnUnknownAuthorityIsAFaultThatMayPass) {
  // Given a mentiond that was not told of the company's authority
  Start(/*trust=*/false);
  service_->github().repo(kRepo).AddPull("mona", "Hello @octocat");

  // When somebody subscribes, then the log says what is wrong, again and again,
  const auto stream = Subscribe();
  for (int i = 0; i < 3; ++i) ExpectLogged("certificate");

  // while the stream stays open until its client ends it.
  stream->Cancel();
  EXPECT_TRUE(Contains(service_->WaitUntilNoStreamIsOpen(), "CANCELLED"));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  ExpectNoTokenInLog();

  // Not a word was said to a server that is not who it should be.
  EXPECT_TRUE(nginx_->StopAndReadLog().empty());
  EXPECT_TRUE(service_->github().requests().empty());
}

TEST_F(EnterpriseTest, ACertificateOfAnotherNameIsNotTaken) {
  Start(/*trust=*/true, /*host=*/"127.0.0.1");
  service_->github().repo(kRepo).AddPull("mona", "Hello @octocat");

  const auto stream = Subscribe();

  ExpectLogged("certificate subject name");
  EXPECT_TRUE(service_->github().requests().empty());
}

}  // namespace
}  // namespace mentiond
