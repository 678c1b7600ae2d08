// The whole service under fire: the server is killed, the client is killed,
// GitHub fails, and every mention is printed once. The seed is printed;
// $MENTIOND_SEED repeats a run, $MENTIOND_CRASHES sets how many crashes.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

constexpr char kRepo[] = "octo/demo";

int FromEnvironment(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  int number = 0;
  return value != nullptr && absl::SimpleAtoi(value, &number) ? number
                                                              : otherwise;
}

class CrashTest : public testing::Test {
 protected:
  CrashTest()
      : seed_(static_cast<unsigned>(FromEnvironment(
            "MENTIOND_SEED", static_cast<int>(std::random_device{}() >> 1)))),
        random_(seed_),
        pull_(repo_.AddPull("mona", "Hello")),
        token_file_(testing::TempDir() + "/crash_token") {
    std::cout << "MENTIOND_SEED=" << seed_ << "\n";
    // So many crashes at this pace would use up an hour's quota.
    service_.github().SetLimit(10'000'000, 10'000'000);
    std::filesystem::remove(token_file_);
  }

  unsigned Random(unsigned below) {
    return std::uniform_int_distribution<unsigned>(0, below - 1)(random_);
  }

  void StartClient() {
    client_ = service_.RunClient({"--user=octocat", "--format=json",
                                  "--resume_file=" + token_file_, kRepo});
  }

  // A mention with a body of its own, of a random kind.
  void AddMention() {
    const unsigned kind = Random(4);
    const std::string body =
        absl::StrCat("@octocat ", ++added_, " of kind ", kind);
    all_.insert(body);
    switch (kind) {
      case 0:
        repo_.AddReviewComment(pull_, "hubot", body);
        break;
      case 1:
        repo_.AddReview(pull_, "hubot", body);
        break;
      case 2:
        if (Random(10) == 0) {
          repo_.AddPull("hubot", body);
          break;
        }
        [[fallthrough]];
      default:
        repo_.AddIssueComment(pull_, "hubot", body);
    }
  }

  void MisbehaveAtTimes() {
    if (Random(4) != 0) return;
    Fault fault = Random(2) == 0 ? Fault::Close("") : Fault::HtmlBadGateway("");
    fault.skip = static_cast<int>(Random(5));
    fault.times = static_cast<int>(1 + Random(3));
    service_.github().AddFault(fault);
  }

  // Takes note of what the client prints for so long, or until it ends.
  void ReadLines(absl::Duration time) {
    const absl::Time deadline = absl::Now() + time;
    while (true) {
      const auto line =
          client_->ReadLine(Subprocess::Stream::kStdout, deadline);
      if (!line.ok()) return;
      const size_t at = line->find("\"body\":\"");
      if (at == std::string::npos) continue;
      const size_t begin = at + 8;
      printed_.insert(line->substr(begin, line->find('"', begin) - begin));
    }
  }

  const unsigned seed_;
  std::mt19937 random_;
  Service service_{{"--poll_interval=100ms"}};
  FakeRepository& repo_ = service_.github().repo(kRepo);
  const int64_t pull_;
  const std::string token_file_;
  std::unique_ptr<Subprocess> client_;
  int added_ = 0;
  std::set<std::string> all_;
  std::multiset<std::string> printed_;
};

TEST_F(CrashTest, NothingIsLostAndNothingIsRepeated) {
  const int crashes = FromEnvironment("MENTIOND_CRASHES", 20);
  const int burst = 10'000 / 200;
  for (int i = 0; i < 500; ++i) AddMention();
  StartClient();
  int server_kills = 0;
  int client_ends = 0;
  for (int crash = 0; crash < crashes; ++crash) {
    for (int i = 0; i < burst; ++i) AddMention();
    MisbehaveAtTimes();
    ReadLines(absl::Milliseconds(Random(300)));
    if (Random(2) == 0) {
      service_.RestartServer(SIGKILL);
      ++server_kills;
    } else {
      // Ended in order: what it has printed it has kept.
      ASSERT_TRUE(client_->Signal(SIGTERM).ok());
      ReadLines(absl::Seconds(1));
      ASSERT_TRUE(client_->Wait(Deadline()).ok());
      StartClient();
      ++client_ends;
    }
  }
  service_.github().ClearFaults();
  const absl::Time deadline = Deadline();
  while (printed_.size() < static_cast<size_t>(added_) &&
         absl::Now() < deadline) {
    ReadLines(absl::Milliseconds(500));
  }
  ReadLines(absl::Seconds(2));

  const std::set<std::string> distinct(printed_.begin(), printed_.end());
  std::cout << added_ << " mentions, " << server_kills
            << " times the server killed, " << client_ends
            << " times the client ended: " << added_ - distinct.size()
            << " lost, " << printed_.size() - distinct.size() << " repeated\n";
  int shown = 0;
  for (const std::string& body : all_) {
    if (!distinct.contains(body) && ++shown <= 20) {
      std::cout << "lost: " << body << "\n";
    }
  }
  EXPECT_EQ(distinct.size(), static_cast<size_t>(added_));
  EXPECT_EQ(printed_.size(), distinct.size());
}

}  // namespace
}  // namespace mentiond
