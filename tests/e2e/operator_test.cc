// What operators use: metrics, probes, pages, the log, drains.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "rapidjson/document.h"

#include "lib/base/hashed_token.h"
#include "lib/base/secret.h"
#include "proto/google/rpc/error_details.pb.h"
#include "tests/e2e/raw_http2.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPromtool[] = "/usr/bin/promtool";

// A detail of a failed call; nullopt: it has none of that type.
template <typename T>
std::optional<T> DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return std::nullopt;
  for (const auto& any : details.details()) {
    T detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

class OperatorTest : public testing::Test {
 protected:
  explicit OperatorTest(std::vector<std::string> more = {})
      : service_(Flags(std::move(more))) {
    metrics_ = UrlBehind("metrics at ");
    admin_ = UrlBehind("pages for operators at ");
    pull_ = service_.github().repo(kRepo).AddPull("mona", "Hello @octocat");
  }

  static std::vector<std::string> Flags(std::vector<std::string> more) {
    more.insert(more.end(),
                {"--poll_interval=100ms", "--metrics_listen=127.0.0.1:0",
                 "--admin_listen=127.0.0.1:0"});
    return more;
  }
  std::string UrlBehind(const std::string& words) {
    const auto line = service_.server().WaitForLine(
        Subprocess::Stream::kStderr,
        [&](std::string_view text) {
          return text.find(words) != std::string_view::npos;
        },
        Deadline());
    EXPECT_TRUE(line.ok()) << line.status();
    const size_t begin = line->find("http://");
    return line->substr(begin, line->find('/', begin + 7) - begin);
  }

  static httplib::Response Get(const std::string& url, const std::string& path,
                               const std::string& accept = "*/*") {
    httplib::Client client(url);
    const auto result = client.Get(path, {{"Accept", accept}});
    return result ? *result : httplib::Response();
  }
  std::string Metrics() { return Get(metrics_, "/metrics").body; }
  // The value of a metric, by its name and labels as they are written.
  double Metric(const std::string& name) {
    const std::string text = Metrics();
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      if (absl::StartsWith(line, name + " ")) {
        return std::stod(std::string(line.substr(name.size() + 1)));
      }
    }
    ADD_FAILURE() << "no " << name;
    return -1;
  }
  rapidjson::Document Streams(const std::string& query = "") {
    rapidjson::Document page;
    page.Parse(Get(admin_, "/streams" + query).body.c_str());
    EXPECT_FALSE(page.HasParseError());
    return page;
  }

  Service service_;
  std::string metrics_;
  std::string admin_;
  int64_t pull_ = 0;
};

std::string Labelled(const std::string& name, const std::string& code = "") {
  return absl::StrCat(
      name, "{", code.empty() ? "" : "grpc_code=\"" + code + "\",",
      R"(grpc_method="Subscribe",grpc_service="mentions.v1.MentionService",)"
      R"(grpc_type="server_stream"})");
}

TEST_F(OperatorTest, MetricsCountWhatHappens) {
  EXPECT_EQ(Metric(Labelled("grpc_server_started_total")), 0);
  EXPECT_EQ(Metric(Labelled("grpc_server_handled_total", "NotFound")), 0);
  const auto stream = service_.Subscribe(kRepo, "octocat");
  stream->ReadHistory();
  service_.github().repo(kRepo).AddIssueComment(pull_, "hubot", "@octocat hi");
  ASSERT_TRUE(stream->NextMention());
  service_.github().AddFault(Fault::Answer("/octo/gone/", 404, "{}"));
  service_.Subscribe("octo/gone", "octocat")->Finish();

  EXPECT_EQ(Metric(Labelled("grpc_server_started_total")), 2);
  EXPECT_EQ(Metric(Labelled("grpc_server_handled_total", "NotFound")), 1);
  EXPECT_GE(Metric(Labelled("grpc_server_msg_sent_total")), 3);
  EXPECT_EQ(Metric("mentiond_streams{state=\"live\"}"), 1);
  EXPECT_EQ(Metric("mentiond_max_streams"), 100'000);
  EXPECT_GE(Metric("mentiond_polls_total{outcome=\"ok\"}"), 1);
  EXPECT_EQ(Metric("mentiond_polls_total{outcome=\"failed\"}"), 1);
  EXPECT_GE(
      Metric("mentiond_github_requests_total{api=\"rest\",status=\"200\"}"), 1);
  EXPECT_EQ(
      Metric("mentiond_github_requests_total{api=\"rest\",status=\"404\"}"), 1);
  EXPECT_EQ(Metric("mentiond_delivery_seconds_count"), 1);
  EXPECT_EQ(Metric("mentiond_delivery_after_response_seconds_count"), 1);
  EXPECT_GE(Metric("mentiond_loop_lateness_seconds_count"), 1);
  EXPECT_GE(Metric("mentiond_github_connections"), 1);
  for (const char* api : {"rest", "graphql"}) {
    EXPECT_EQ(
        Metric(absl::StrCat(
            "mentiond_github_quota_remaining_ratio_count{api=\"", api, "\"}")),
        1);
  }
  EXPECT_GT(Metric("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GT(Metric("process_open_fds"), 5);
  EXPECT_LT(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()) -
                Metric("process_start_time_seconds"),
            120);
  // No label is a repository or a user.
  EXPECT_THAT(Metrics(), Not(HasSubstr("octo")));
}

TEST_F(OperatorTest, PromtoolFindsNothingWrongWithTheMetrics) {
  if (access(kPromtool, X_OK) != 0) {
    GTEST_SKIP() << kPromtool << " is not installed (Debian's prometheus)";
  }
  const std::string file = testing::TempDir() + "/metrics.txt";
  std::ofstream(file) << Metrics();
  const auto check = Subprocess::Start(
      {"/bin/sh", "-c",
       absl::StrCat(kPromtool, " check metrics < '", file, "' 2>&1")});
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_EQ((*check)->Wait(Deadline())->code, 0);
  EXPECT_EQ((*check)->ReadAll(Subprocess::Stream::kStdout, Deadline()).value(),
            "");
}

TEST_F(OperatorTest, ProbesSaySoWhenTheServerDoesNotTakeStreams) {
  EXPECT_EQ(Get(metrics_, "/readyz").status, 200);
  EXPECT_EQ(Get(metrics_, "/livez").status, 200);
  EXPECT_EQ(Get(metrics_, "/livez").status, 200) << "the loops have turned";
  // They do not depend on GitHub.
  Fault down = Fault::Close("/");
  down.times = std::nullopt;
  service_.github().AddFault(down);
  const auto stream = service_.Subscribe(kRepo, "octocat");
  while (const auto event = stream->Next()) {
    if (event->has_delayed()) break;
  }
  EXPECT_EQ(Get(metrics_, "/readyz").status, 200);
  EXPECT_EQ(Get(metrics_, "/streams").status, 404) << "not on this port";
}

TEST_F(OperatorTest, PagesShowStreamsAndHowTheyEnded) {
  const auto stream = service_.Subscribe(kRepo, "octocat");
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
  EXPECT_EQ(shown["delivered"].GetInt(), 1);
  EXPECT_EQ(shown["token"].GetString(),
            HashedToken(Secret(kToken)).substr(0, 8));
  EXPECT_THAT(shown["peer"].GetString(), HasSubstr("127.0.0.1"));
  EXPECT_EQ(Streams("?state=delayed")["streams"].Size(), 0U);
  EXPECT_EQ(Get(admin_, "/streams?state=odd").status, 400);
  EXPECT_EQ(Get(admin_, "/streams?after=x").status, 400);

  stream->Cancel();
  stream->Finish();
  const std::string html = Get(admin_, "/streams?repo=<b>", "text/html").body;
  EXPECT_THAT(html, HasSubstr("&lt;b&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
  const auto ended = [&]() -> rapidjson::Document {
    const absl::Time deadline = Deadline();
    while (absl::Now() < deadline) {
      auto page = Streams();
      if (page["ended"].Size() == 1) return page;
    }
    return Streams();
  }();
  ASSERT_EQ(ended["ended"].Size(), 1U);
  EXPECT_THAT(ended["ended"][0]["status"].GetString(), HasSubstr("CANCELLED"));
  EXPECT_THAT(Get(admin_, "/streams", "text/html").body,
              HasSubstr("CANCELLED"));
}

TEST_F(OperatorTest, TheLogLevelChangesByPostOnly) {
  EXPECT_EQ(Get(admin_, "/loglevel").body, "info\n");
  httplib::Client client(admin_);
  EXPECT_EQ(client.Post("/loglevel", "loud", "text/plain")->status, 400);
  EXPECT_EQ(client
                .Post("/loglevel", {{"Origin", "https://evil.example"}},
                      "error", "text/plain")
                ->status,
            403);
  EXPECT_EQ(Get(admin_, "/loglevel").body, "info\n");
  EXPECT_EQ(client.Post("/loglevel", "error\n", "text/plain")->status, 200);
  EXPECT_EQ(Get(admin_, "/loglevel").body, "error\n");
  EXPECT_THAT(Get(admin_, "/config").body,
              HasSubstr("\"poll_interval\":\"100ms\""));
}

TEST_F(OperatorTest, TheLogLevelIsThatOfEachMessageAsItComes) {
  httplib::Client client(admin_);
  // Given a stream whose beginning is below the level, and one whose is not,
  EXPECT_EQ(client.Post("/loglevel", "error", "text/plain")->status, 200);
  const auto hidden = service_.Subscribe(kRepo, "octocat");
  hidden->ReadHistory();
  EXPECT_EQ(client.Post("/loglevel", "info", "text/plain")->status, 200);
  const auto seen = service_.Subscribe(kRepo, "octocat");
  const std::string id = seen->Id();
  // when the log comes to the second, then the first was not in it.
  const auto line = service_.server().WaitForLine(
      Subprocess::Stream::kStderr,
      [&](std::string_view text) {
        const std::string entry(text);
        EXPECT_THAT(entry, Not(HasSubstr(hidden->Id() + " opened: ")));
        return absl::StrContains(entry, id + " opened: ");
      },
      Deadline());
  ASSERT_TRUE(line.ok()) << line.status();
  // As glog writes it.
  EXPECT_THAT(*line, testing::StartsWith("I2"));
  EXPECT_THAT(*line, HasSubstr(".cc:"));
}

TEST_F(OperatorTest, TheLogSaysWhoOpenedAStreamAndHowItEnded) {
  auto stream = service_.Subscribe(kRepo, "octocat");
  stream->ReadHistory();
  const std::string id = stream->Id();
  stream.reset();
  for (const char* event : {" opened: ", " ended (CANCELLED"}) {
    const auto line = service_.server().WaitForLine(
        Subprocess::Stream::kStderr,
        [&](std::string_view text) {
          return absl::StrContains(std::string(text), id + event);
        },
        Deadline());
    ASSERT_TRUE(line.ok()) << line.status();
    EXPECT_THAT(*line, HasSubstr("repo=octo/demo user=octocat peer=ipv4:127."));
    EXPECT_THAT(*line, HasSubstr("token=" + HashedToken(Secret(kToken))));
  }
}

TEST_F(OperatorTest, ATokenIsOnNoPageAndInNoLog) {
  const auto stream = service_.Subscribe(kRepo, "octocat");
  stream->ReadHistory();
  service_.github().AddFault(Fault::Answer("/octo/gone/", 404, "{}"));
  service_.Subscribe("octo/gone", "octocat")->Finish();
  for (const auto& [url, path] : {std::pair(metrics_, "/metrics"),
                                  {admin_, "/streams"},
                                  {admin_, "/config"},
                                  {admin_, "/loglevel"}}) {
    for (const char* accept : {"*/*", "text/html"}) {
      EXPECT_THAT(Get(url, path, accept).body, Not(HasSubstr(kToken))) << path;
    }
  }
  ASSERT_TRUE(service_.server().Signal(SIGTERM).ok());
  const auto log =
      service_.server().ReadAll(Subprocess::Stream::kStderr, Deadline());
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_THAT(*log, HasSubstr("stopped"));
  EXPECT_THAT(*log, Not(HasSubstr(kToken)));
}

TEST_F(OperatorTest, ADrainTellsClientsApartAndDoesNotWaitForConnections) {
  // Given clients, with connections that they will not close,
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 20; ++i) {
    streams.push_back(service_.Subscribe(kRepo, "octocat"));
    streams.back()->ReadHistory();
  }
  // when the server is told to stop, then each is told to reconnect, at a time
  // of its own,
  const absl::Time began = absl::Now();
  ASSERT_TRUE(service_.server().Signal(SIGTERM).ok());
  std::set<int64_t> delays;
  for (const auto& stream : streams) {
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    const auto retry = DetailOf<google::rpc::RetryInfo>(status);
    ASSERT_TRUE(retry);
    delays.insert(retry->retry_delay().seconds() * 1'000'000'000 +
                  retry->retry_delay().nanos());
  }
  EXPECT_GT(delays.size(), 10U);
  // and it ends soon.
  const auto exit = service_.server().Wait(Deadline());
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_EQ(exit->code, 0);
  EXPECT_LT(absl::Now() - began, absl::Seconds(2));
}

class SlowDrainTest : public OperatorTest {
 protected:
  SlowDrainTest() : OperatorTest({"--drain_timeout=3s"}) {}

  // A client that does not read what does not fit into buffers.
  std::unique_ptr<Stream> OpenStalled() {
    for (int i = 0; i < 100; ++i) {
      service_.github().repo(kRepo).AddIssueComment(
          pull_, "hubot", "@octocat " + std::string(200'000, 'x'));
    }
    // On a connection of its own, whose windows do not grow with what others
    // read.
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    mentions::v1::SubscribeRequest request;
    request.set_repo(kRepo);
    request.set_user("octocat");
    request.set_token(kToken);
    auto stream = std::make_unique<Stream>(
        grpc::CreateCustomChannel(
            service_.address(), grpc::InsecureChannelCredentials(), arguments),
        request, Deadline());
    EXPECT_TRUE(stream->NextMention());
    for (int stalled = 0; stalled < 50;) {
      stalled = Metric("mentiond_queued_events") > 0 ? stalled + 1 : 0;
    }
    return stream;
  }
};

TEST_F(SlowDrainTest, ASecondSignalEndsItAtOnce) {
  const auto stream = OpenStalled();
  const absl::Time began = absl::Now();
  ASSERT_TRUE(service_.server().Signal(SIGTERM).ok());
  while (Get(metrics_, "/readyz").status != 503) {
    ASSERT_LT(absl::Now() - began, absl::Seconds(2));
  }
  ASSERT_TRUE(service_.server().Signal(SIGTERM).ok());
  const auto exit = service_.server().Wait(Deadline());
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_EQ(exit->signal, SIGTERM);
  EXPECT_LT(absl::Now() - began, absl::Seconds(2));
}

TEST_F(SlowDrainTest, ItIsNotReadyButAliveWhileClientsReadTheirLastEvents) {
  const auto stream = OpenStalled();
  // and another client's connection, without a stream,
  grpc::ChannelArguments own_connection;
  own_connection.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto other = grpc::CreateCustomChannel(
      service_.address(), grpc::InsecureChannelCredentials(), own_connection);
  ASSERT_TRUE(other->WaitForConnected(absl::ToChronoTime(Deadline())));
  // when the server is told to stop, then it waits for the client a while,
  const absl::Time began = absl::Now();
  ASSERT_TRUE(service_.server().Signal(SIGTERM).ok());
  while (Get(metrics_, "/readyz").status != 503) {
    ASSERT_LT(absl::Now() - began, absl::Seconds(2));
  }
  // tells the others at once that they have to connect elsewhere,
  EXPECT_TRUE(other->WaitForStateChange(GRPC_CHANNEL_READY,
                                        absl::ToChronoTime(Deadline())));
  EXPECT_EQ(Get(metrics_, "/livez").status, 200);
  // refuses others,
  RawHttp2 late(service_.address());
  EXPECT_TRUE(late.AwaitClosed(absl::Seconds(1)));
  // and ends all the same.
  const auto exit = service_.server().Wait(Deadline());
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_EQ(exit->code, 0);
  EXPECT_GT(absl::Now() - began, absl::Seconds(2));
}

class AgeTest : public OperatorTest {
 protected:
  AgeTest() : OperatorTest({"--max_stream_age=2s"}) {}
};

TEST_F(AgeTest, AStreamThatIsTooOldEndsAndCanBeResumed) {
  const auto stream = service_.Subscribe(kRepo, "octocat");
  std::string token;
  while (const auto event = stream->Next()) token = event->resume_token();
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status)->reason(),
            "MAX_STREAM_AGE");
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status));
  mentions::v1::SubscribeRequest request;
  request.set_repo(kRepo);
  request.set_user("octocat");
  request.set_token(kToken);
  request.set_resume_token(token);
  const auto resumed = service_.Subscribe(request);
  service_.github().repo(kRepo).AddIssueComment(pull_, "hubot", "@octocat two");
  const auto mention = resumed->NextMention();
  ASSERT_TRUE(mention);
  EXPECT_EQ(mention->body(), "@octocat two") << "and not the first one again";
}

TEST(OperatorPortsTest, AdminPagesAreForThisMachineUnlessForced) {
  const auto server = Subprocess::Start(
      {"server/mentiond", "--listen=127.0.0.1:0", "--admin_listen=0.0.0.0:0"});
  ASSERT_TRUE(server.ok());
  EXPECT_EQ((*server)->Wait(Deadline())->code, 1);
  EXPECT_THAT(
      (*server)->ReadAll(Subprocess::Stream::kStderr, Deadline()).value(),
      HasSubstr("--allow_remote_admin"));
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

// The objects of a JSON log until its end; a line that is none is a failure.
std::vector<rapidjson::Document> ReadJsonLog(Subprocess& server) {
  std::vector<rapidjson::Document> entries;
  const auto log = server.ReadAll(Subprocess::Stream::kStderr, Deadline());
  EXPECT_TRUE(log.ok()) << log.status();
  for (const absl::string_view line :
       absl::StrSplit(log.value_or(""), '\n', absl::SkipEmpty())) {
    rapidjson::Document& entry = entries.emplace_back();
    entry.Parse(line.data(), line.size());
    EXPECT_TRUE(!entry.HasParseError() && entry.IsObject()) << line;
  }
  return entries;
}

TEST(OperatorPortsTest, WhatGrpcSaysIsInTheSameLog) {
  // Given a server whose gRPC is to say all that it does,
  Service service([](FakeGitHub&) {
    return Launch{.flags = {"--poll_interval=100ms", "--log_format=json"},
                  .env = {{"GRPC_VERBOSITY", "DEBUG"}, {"GRPC_TRACE", "http"}}};
  });
  service.github().repo(kRepo);
  service.Subscribe(kRepo, "octocat")->ReadHistory();
  ASSERT_TRUE(service.server().Signal(SIGTERM).ok());

  // then each of its lines is an object, too.
  size_t of_grpc = 0;
  for (const rapidjson::Document& entry : ReadJsonLog(service.server())) {
    if (!absl::StartsWith(entry["message"].GetString(), "gRPC: ")) continue;
    ++of_grpc;
    EXPECT_THAT(entry["source"].GetString(), HasSubstr(".cc:"));
  }
  EXPECT_GT(of_grpc, 10U);
}

TEST(OperatorPortsTest, TheLogCanBeJson) {
  Service service({"--poll_interval=100ms", "--log_format=json"});
  const auto stream = service.Subscribe(kRepo, "octocat");
  const std::string id = stream->Id();
  const auto line = service.server().WaitForLine(
      Subprocess::Stream::kStderr,
      [&](std::string_view text) {
        return absl::StrContains(std::string(text), id);
      },
      Deadline());
  ASSERT_TRUE(line.ok()) << line.status();
  rapidjson::Document entry;
  ASSERT_FALSE(entry.Parse(line->c_str()).HasParseError()) << *line;
  EXPECT_STREQ(entry["level"].GetString(), "info");
  EXPECT_THAT(entry["message"].GetString(),
              HasSubstr("opened: repo=octo/demo"));
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, entry["time"].GetString(),
                              &time, nullptr));
  EXPECT_LT(absl::AbsDuration(absl::Now() - time), absl::Minutes(2));
}

}  // namespace
}  // namespace mentiond
