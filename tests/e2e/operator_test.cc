// What operators use: metrics, probes, pages, the log.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "rapidjson/document.h"

#include "lib/base/hashed_token.h"
#include "lib/base/secret.h"
#include "tests/e2e/operator_ports.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OperatorTest : public testing::Test {
 protected:
  OperatorTest()
      : pull_(service_.github().repo(kRepo).AddPull("mona", "Hello @octocat")) {
  }

  httplib::Response Admin(const std::string& path,
                          const std::string& accept = "*/*") const {
    return Get(service_.admin_url(), path, accept);
  }
  rapidjson::Document Streams(const std::string& query = "") const {
    return Json(Admin("/streams" + query).body);
  }

  ServiceWithPorts service_;
  const int64_t pull_;
};

std::string Labelled(const std::string& name, const std::string& code = "") {
  return absl::StrCat(
      name, "{", code.empty() ? "" : "grpc_code=\"" + code + "\",",
      R"(grpc_method="Subscribe",grpc_service="mentions.v1.MentionService",)"
      R"(grpc_type="server_stream"})");
}

TEST_F(OperatorTest, MetricsCountWhatHappens) {
  EXPECT_EQ(service_.Metric(Labelled("grpc_server_started_total")), 0);
  EXPECT_EQ(service_.Metric(Labelled("grpc_server_handled_total", "NotFound")),
            0);
  const auto stream = service_.Subscribe();
  stream->ReadHistory();
  service_.github().repo(kRepo).AddIssueComment(pull_, "hubot", "@octocat hi");
  ASSERT_TRUE(stream->NextMention());
  service_.Subscribe("octo/gone")->Finish();

  // Exactly
  for (const auto& [name, value] : std::vector<std::pair<std::string, double>>{
           {Labelled("grpc_server_started_total"), 2},
           {Labelled("grpc_server_handled_total", "NotFound"), 1},
           {"mentiond_streams{state=\"live\"}", 1},
           {"mentiond_max_streams", 100'000},
           {"mentiond_polls_total{outcome=\"failed\"}", 1},
           {R"(mentiond_github_requests_total{api="rest",status="404"})", 1},
           {"mentiond_delivery_seconds_count", 1},
           {"mentiond_delivery_after_response_seconds_count", 1},
           {R"(mentiond_github_quota_remaining_ratio_count{api="rest"})", 1},
           {R"(mentiond_github_quota_remaining_ratio_count{api="graphql"})",
            1}}) {
    EXPECT_EQ(service_.Metric(name), value) << name;
  }
  // or at least
  for (const auto& [name, value] : std::vector<std::pair<std::string, double>>{
           {Labelled("grpc_server_msg_sent_total"), 3},
           {"mentiond_polls_total{outcome=\"ok\"}", 1},
           {R"(mentiond_github_requests_total{api="rest",status="200"})", 1},
           {"mentiond_loop_lateness_seconds_count", 1},
           {"mentiond_github_connections", 1},
           {"process_resident_memory_bytes", 1 << 20},
           {"process_open_fds", 5},
           {"process_start_time_seconds",
            absl::ToDoubleSeconds(absl::Now() - absl::Minutes(2) -
                                  absl::UnixEpoch())}}) {
    EXPECT_GE(service_.Metric(name), value) << name;
  }
  // No label is a repository or a user.
  EXPECT_THAT(service_.Metrics(), Not(HasSubstr("octo")));
}

TEST_F(OperatorTest, PromtoolFindsNothingWrongWithTheMetrics) {
  constexpr char kPromtool[] = "/usr/bin/promtool";
  if (access(kPromtool, X_OK) != 0) {
    GTEST_SKIP() << kPromtool << " is not installed (Debian's prometheus)";
  }
  const std::string file = testing::TempDir() + "/metrics.txt";
  std::ofstream(file) << service_.Metrics();
  const auto check = Subprocess::Start(
      {"/bin/sh", "-c",
       absl::StrCat(kPromtool, " check metrics < '", file, "' 2>&1")});
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_EQ((*check)->Wait(Deadline())->code, 0);
  EXPECT_EQ((*check)->ReadAll(Subprocess::Stream::kStdout, Deadline()).value(),
            "");
}

TEST_F(OperatorTest, ProbesDoNotDependOnGitHub) {
  Fault down = Fault::Close("/");
  down.times = std::nullopt;
  service_.github().AddFault(down);
  const auto stream = service_.Subscribe();
  ASSERT_TRUE(stream->Next(mentions::v1::SubscribeResponse::kDelayed));
  // The second /livez says that the loops have turned since the first.
  for (const char* probe : {"/readyz", "/livez", "/livez"}) {
    EXPECT_EQ(Get(service_.metrics_url(), probe).status, 200);
  }
  EXPECT_EQ(Get(service_.metrics_url(), "/streams").status, 404)
      << "not on this port";
}

TEST_F(OperatorTest, PagesShowStreamsAndHowTheyEnded) {
  const auto stream = service_.Subscribe();
  EXPECT_EQ(stream->ReadHistory().size(), 1);
  service_.github().repo("octo/other");
  const auto other = service_.Subscribe("octo/other", "mona");
  other->ReadHistory();
  const auto all = Streams();
  EXPECT_EQ(all["open"].GetInt(), 2);
  EXPECT_EQ(all["streams"].Size(), 2U);
  const auto some = Streams("?repo=Octo%2FDemo&user=octocat&state=live");
  ASSERT_EQ(some["streams"].Size(), 1U);
  const auto& shown = some["streams"][0];
  EXPECT_EQ(shown["id"].GetString(), stream->Id());
  EXPECT_EQ(stream->Id().size(), 32U);
  EXPECT_NE(stream->Id(), other->Id());
  EXPECT_EQ(shown["delivered"].GetInt(), 1);
  EXPECT_EQ(shown["token"].GetString(),
            HashedToken(Secret(kToken)).substr(0, 8));
  EXPECT_THAT(shown["peer"].GetString(), HasSubstr("127.0.0.1"));
  EXPECT_EQ(Streams("?state=delayed")["streams"].Size(), 0U);
  EXPECT_EQ(Admin("/streams?state=odd").status, 400);
  EXPECT_EQ(Admin("/streams?after=x").status, 400);
  const std::string html = Admin("/streams?repo=<b>", "text/html").body;
  EXPECT_THAT(html, HasSubstr("&lt;b&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));

  stream->Cancel();
  stream->Finish();
  auto ended = Streams();
  for (const absl::Time deadline = Deadline();
       ended["ended"].Size() == 0 && absl::Now() < deadline;) {
    ended = Streams();
  }
  ASSERT_EQ(ended["ended"].Size(), 1U);
  EXPECT_THAT(ended["ended"][0]["status"].GetString(), HasSubstr("CANCELLED"));
  EXPECT_THAT(Admin("/streams", "text/html").body, HasSubstr("CANCELLED"));
}

TEST_F(OperatorTest, TheLogLevelChangesByPostOnlyAndForEachMessageAsItComes) {
  httplib::Client client(service_.admin_url());
  const auto post = [&](const char* level, const httplib::Headers& headers) {
    return client.Post("/loglevel", headers, level, "text/plain")->status;
  };
  EXPECT_EQ(post("loud", {}), 400);
  EXPECT_EQ(post("error", {{"Origin", "https://evil.example"}}), 403);
  EXPECT_EQ(Admin("/loglevel").body, "info\n");
  EXPECT_EQ(post("error\n", {}), 200);
  EXPECT_EQ(Admin("/loglevel").body, "error\n");
  // Given a stream whose beginning is below the level, and one whose is not,
  const auto hidden = service_.Subscribe();
  hidden->ReadHistory();
  EXPECT_EQ(post("info", {}), 200);
  const auto seen = service_.Subscribe();
  const std::string id = seen->Id();
  // when the log comes to the second, then the first was not in it.
  const std::string line = service_.WaitForLog(" opened: ");
  EXPECT_THAT(line, HasSubstr(id + " opened: "));
  // As glog writes it.
  EXPECT_THAT(line, testing::StartsWith("I2"));
  EXPECT_THAT(line, HasSubstr(".cc:"));
}

TEST_F(OperatorTest, TheLogSaysWhoOpenedAStreamAndHowItEnded) {
  auto stream = service_.Subscribe();
  stream->ReadHistory();
  const std::string id = stream->Id();
  stream.reset();
  for (const char* event : {" opened: ", " ended (CANCELLED"}) {
    const std::string line = service_.WaitForLog(id + event);
    EXPECT_THAT(line, HasSubstr("repo=octo/demo user=octocat peer=ipv4:127."));
    EXPECT_THAT(line, HasSubstr("token=" + HashedToken(Secret(kToken))));
  }
}

// Shows: a token is in no status, page or log
TEST_F(OperatorTest, ATokenIsInNoStatusOnNoPageAndInNoLog) {
  const auto stream = service_.Subscribe();
  stream->ReadHistory();
  service_.Subscribe("octo/gone")->Finish();
  const char* rejected = "ghp_rejected";
  service_.github().SetTokensRestricted(true);
  EXPECT_THAT(service_.Subscribe(Request(kRepo, "octocat", rejected))
                  ->Finish()
                  .error_message(),
              Not(HasSubstr("ghp_")));
  for (const auto& [url, path] : {std::pair(service_.metrics_url(), "/metrics"),
                                  {service_.admin_url(), "/streams"},
                                  {service_.admin_url(), "/config"},
                                  {service_.admin_url(), "/loglevel"}}) {
    for (const char* accept : {"*/*", "text/html"}) {
      const std::string body = Get(url, path, accept).body;
      EXPECT_NE(body, "") << path;
      EXPECT_THAT(body, Not(HasSubstr("ghp_"))) << path;
    }
  }
  service_.StopServer(SIGTERM);
  EXPECT_THAT(service_.RestOfLog(),
              testing::AllOf(HasSubstr("UNAUTHENTICATED"), HasSubstr("stopped"),
                             Not(HasSubstr("ghp_"))));
}

TEST(OperatorPortsTest, SystemdIsToldWhenItIsReadyAndWhenItStops) {
  // An abstract socket, which is written with "@": a path may be too long.
  const std::string path = absl::StrCat("@mentiond-test-", getpid());
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  address.sun_path[0] = '\0';
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&address), size), 0);
  const timeval patience = {.tv_sec = absl::ToInt64Seconds(kPatience)};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const auto received = [&] {
    std::string text(100, '\0');
    const ssize_t got = recv(socket, text.data(), text.size(), 0);
    return text.substr(0, got > 0 ? static_cast<size_t>(got) : 0);
  };
  Service service([&](FakeGitHub&) {
    return Launch{.env = {{"NOTIFY_SOCKET", path}}};
  });
  EXPECT_EQ(received(), "READY=1");
  ASSERT_TRUE(service.server().Signal(SIGTERM).ok());
  EXPECT_EQ(received(), "STOPPING=1");
  close(socket);
}

TEST(OperatorPortsTest, AJsonLogIsJsonAlsoWhatGrpcSays) {
  // Given a server whose gRPC is to say all that it does,
  Service service([](FakeGitHub&) {
    return Launch{.flags = {"--log_format=json"},
                  .env = {{"GRPC_VERBOSITY", "DEBUG"}, {"GRPC_TRACE", "http"}}};
  });
  service.github().repo(kRepo);
  std::string id;
  {
    const auto stream = service.Subscribe();
    stream->ReadHistory();
    id = stream->Id();
  }
  service.StopServer(SIGTERM);

  // then each of its lines is an object, too.
  size_t of_grpc = 0;
  size_t opened = 0;
  const std::string log = service.RestOfLog();
  for (const absl::string_view line :
       absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    const auto entry = Json(std::string(line));
    const absl::string_view message = entry["message"].GetString();
    of_grpc += absl::StartsWith(message, "gRPC: ");
    opened += absl::StrContains(message, id + " opened: repo=octo/demo");
    EXPECT_THAT(entry["source"].GetString(), HasSubstr(".cc:"));
    EXPECT_THAT(std::string(entry["level"].GetString()),
                testing::AnyOf("info", "warning", "error"));
    absl::Time time;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, entry["time"].GetString(),
                                &time, nullptr));
    EXPECT_LT(absl::AbsDuration(absl::Now() - time), absl::Minutes(10));
  }
  EXPECT_GT(of_grpc, 10U);
  EXPECT_EQ(opened, 1U);
}

}  // namespace
}  // namespace mentiond
