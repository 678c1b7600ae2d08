// Flags of the server that nothing else shows: their defaults, as the README
// has them, and what they change.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/operator_ports.h"
#include "tests/e2e/raw_http2.h"
#include "tests/e2e/service.h"
#include "tests/temp_directory.h"

namespace mentiond {
namespace {

// Shows: the defaults of the table of flags, in a running server
TEST(FlagsTest, DefaultsAreThoseOfTheReadme) {
  const ServiceWithPorts service;
  const auto config = Json(Get(service.admin_url(), "/config").body);
  // But for those that tests set; see OptionsTest.
  for (const auto& [flag, value] :
       std::vector<std::pair<const char*, std::string>>{
           {"keepalive_message_interval", "30s"},
           {"full_poll_every", "10"},
           {"full_read_interval", "24h"},
           {"requests_per_token", "1"},
           {"requests_per_minute", "900"},
           {"max_requests", "1000"},
           {"event_loops", absl::StrCat(sysconf(_SC_NPROCESSORS_ONLN))},
           {"slow_reader_timeout", "5m"},
           {"dead_client_timeout", "40s"},
           {"stream_buffer_bytes", "262144"},
           {"max_streams", "100000"},
           {"max_streams_per_token", "0"},
           {"max_streams_per_peer", "0"},
           {"max_streams_per_connection", "0"},
           {"grpc_memory_bytes", "0"},
           {"allow_plaintext", "false"},
           {"max_stream_age", "0"},
           {"drain_timeout", "10s"},
           {"log_format", "text"},
           {"log_level", "info"},
           {"webhook_listen", ""}}) {
    ASSERT_TRUE(config.HasMember(flag)) << flag;
    EXPECT_EQ(config[flag].GetString(), value) << flag;
  }
}

// Shows: `--event_loops`
TEST(FlagsTest, EventLoopsHaveConnectionsOfTheirOwn) {
  for (const int loops : {1, 2, 3}) {
    // Given streams of many tokens, opened one after another,
    ServiceWithPorts service(
        {absl::StrCat("--event_loops=", loops), "--poll_interval=1h"});
    service.github().repo(kRepo).AddPull("mona", "Hello @octocat");
    std::vector<std::unique_ptr<Stream>> streams;
    for (int i = 0; i < 20; ++i) {
      streams.push_back(service.Subscribe(
          Request(kRepo, "octocat", absl::StrCat("ghp_", i))));
      EXPECT_EQ(streams.back()->ReadHistory().size(), 1);
    }
    // then each loop has needed one connection for those of its tokens.
    EXPECT_EQ(service.Metric("mentiond_github_connections"), loops);
  }
}

// Shows: `--requests_per_token` and `--max_requests`
TEST(FlagsTest, RequestsAtATimeAreLimitedByTokenAndInTotal) {
  struct Case {
    std::vector<std::string> flags;
    int tokens;
    int at_a_time;
  };
  // Given a GitHub that responds to nothing, and streams on six repositories
  for (const auto& [flags, tokens, at_a_time] :
       {Case{{}, 1, 1}, Case{{"--requests_per_token=3"}, 1, 3},
        Case{{"--requests_per_token=3"}, 6, 6},
        Case{{"--max_requests=2", "--event_loops=1"}, 6, 2},
        Case{{"--max_requests=4", "--event_loops=2"}, 1, 1}}) {
    ServiceWithPorts service(flags);
    Fault silence = Fault::Hang("", absl::Minutes(10));
    silence.times = std::nullopt;
    service.github().AddFault(silence);
    std::vector<std::unique_ptr<Stream>> streams;
    for (int i = 0; i < 6; ++i) {
      service.github().repo(absl::StrCat("octo/demo", i));
      streams.push_back(
          service.Subscribe(Request(absl::StrCat("octo/demo", i), "octocat",
                                    absl::StrCat("ghp_", i % tokens))));
    }
    // Then so many are on their way, and the others wait.
    EXPECT_EQ(service.AwaitRest("mentiond_github_requests_in_progress"),
              at_a_time);
    EXPECT_EQ(service.Metric("mentiond_github_requests_waiting"),
              6 - at_a_time);
  }
}

// Shows: `--stream_buffer_bytes`
TEST(FlagsTest, AStreamsBufferHasItsSize) {
  constexpr int kEventBytes = 50'000;
  for (const int buffer : {1, 64 << 10, 1 << 20}) {
    // Given a history that is larger than all buffers on the way, and a client
    // that does not read it
    ServiceWithPorts service({absl::StrCat("--stream_buffer_bytes=", buffer)});
    FakeRepository& repo = service.github().repo(kRepo);
    const int64_t pull = repo.AddPull("mona", "Hello");
    for (int i = 0; i < 400; ++i) {
      repo.AddIssueComment(pull, "hubot",
                           "@octocat" + std::string(kEventBytes, ' '));
    }
    RawHttp2 client(service.address());
    client.SendPreface();
    client.SendRequest(Request());
    // then so many events wait for it in the end: one more than there is space
    // for at most.
    const double queued = service.AwaitStalledReaders();
    EXPECT_GE((queued + 1) * kEventBytes, buffer);
    EXPECT_LE((queued - 1) * kEventBytes, buffer);
  }
}

// Shows: `--grpc_memory_bytes`
TEST(FlagsTest, BeyondItsMemoryGrpcRefusesConnections) {
  for (const char* bytes : {"0", "1000000"}) {
    Service service({absl::StrCat("--grpc_memory_bytes=", bytes)});
    FakeRepository& repo = service.github().repo(kRepo);
    const int64_t pull = repo.AddPull("mona", "Hello");
    const auto stream = service.Subscribe();
    stream->ReadHistory();
    std::list<RawHttp2> clients;
    for (int i = 0; i < 200; ++i) {
      clients.emplace_back(service.address()).SendPreface();
    }
    const auto closed =
        std::count_if(clients.begin(), clients.end(), [](RawHttp2& client) {
          return client.AwaitClosed(absl::Milliseconds(5));
        });
    EXPECT_EQ(closed > 0, bytes[0] != '0') << closed;
    EXPECT_LT(closed, 200) << "the first had space";
    // Who was there before is served.
    repo.AddIssueComment(pull, "hubot", "@octocat");
    EXPECT_TRUE(stream->NextMention());
  }
}

TEST(FlagsTest, AnAddressThatOthersCanReachNeedsAFlag) {
  struct Case {
    const char* listen;
    const char* flag;
    const char* log;
  };
  for (const auto& [listen, flag, log] :
       {Case{"--listen=0.0.0.0:0", "--allow_plaintext",
             "listening on 0.0.0.0:"},
        Case{"--admin_listen=0.0.0.0:0", "--allow_remote_admin",
             "pages for operators at http://0.0.0.0:"}}) {
    std::vector<std::string> command = {"server/mentiond", listen};
    if (!Contains(listen, "--listen"))
      command.emplace_back("--listen=127.0.0.1:0");
    const auto refused = Subprocess::Start(command);
    ASSERT_TRUE(refused.ok());
    EXPECT_EQ((*refused)->Wait(Deadline())->code, 1);
    EXPECT_THAT(
        (*refused)->ReadAll(Subprocess::Stream::kStderr, Deadline()).value(),
        testing::HasSubstr(flag));
    command.emplace_back(flag);
    const auto allowed = Subprocess::Start(command);
    ASSERT_TRUE(allowed.ok());
    EXPECT_TRUE((*allowed)
                    ->WaitForText(Subprocess::Stream::kStderr, log, Deadline())
                    .ok());
  }
}

// Shows: `--allow_core_dumps`
// Whose the files in /proc of a program are that runs as somebody else than
// root: root's if it forbids to be looked into.
TEST(FlagsTest, TheProcessForbidsCoreDumpsAndDebuggersUnlessAllowed) {
  constexpr char kSetpriv[] = "/usr/bin/setpriv";
  std::vector<std::string> command;
  uid_t user = getuid();
  const TempDirectory directory;
  const std::string program = directory / "mentiond";
  if (user == 0) {
    if (access(kSetpriv, X_OK) != 0) {
      GTEST_SKIP() << "root needs " << kSetpriv << " to be somebody else";
    }
    user = 65534;
    command = {kSetpriv, "--reuid=65534", "--regid=65534", "--clear-groups"};
  }
  // Somebody else may not look into root's directories.
  std::filesystem::copy_file("server/mentiond", program);
  chmod(directory.path().c_str(), 0755);
  chmod(program.c_str(), 0755);
  command.insert(command.end(), {program, "--listen=127.0.0.1:0"});
  for (const bool is_allowed : {false, true}) {
    if (is_allowed) command.emplace_back("--allow_core_dumps");
    const auto server = Subprocess::Start(command);
    ASSERT_TRUE(server.ok()) << server.status();
    ASSERT_TRUE((*server)
                    ->WaitForText(Subprocess::Stream::kStderr, "listening on",
                                  Deadline())
                    .ok());
    const std::string proc = absl::StrCat("/proc/", (*server)->pid());
    struct stat owner = {};
    ASSERT_EQ(stat((proc + "/environ").c_str(), &owner), 0);
    EXPECT_EQ(owner.st_uid, is_allowed ? user : 0);
    std::ifstream file(proc + "/limits");
    const std::string limits{std::istreambuf_iterator<char>(file), {}};
    const auto forbids = testing::ContainsRegex("Max core file size +0 +0 ");
    if (is_allowed) continue;  // the test's own may be 0
    EXPECT_THAT(limits, forbids);
  }
}

}  // namespace
}  // namespace mentiond
