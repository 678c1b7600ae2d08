// The whole service under fire: the server is killed, the client is killed,
// GitHub fails, and every mention is printed: once, except that one that is
// being printed when the client is killed may be printed again. The seed is
// printed; $MENTIOND_SEED repeats a run.

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glog/logging.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"
#include "tests/fakes/effort.h"

namespace mentiond {
namespace {

unsigned Seed() {
  unsigned seed = std::random_device{}();
  const char* given = std::getenv("MENTIOND_SEED");
  if (given != nullptr) CHECK(absl::SimpleAtoi(given, &seed));
  std::cout << "MENTIOND_SEED=" << seed << "\n";
  return seed;
}

class CrashTest : public testing::Test {
 protected:
  CrashTest()
      : pull_(repo_.AddPull("mona", "Hello")),
        token_file_(testing::TempDir() + "/crash_token"),
        output_file_(testing::TempDir() + "/crash_output") {
    // So many crashes at this pace would use up an hour's quota.
    service_.github().SetLimit(10'000'000, 10'000'000);
    std::filesystem::remove(token_file_);
    std::filesystem::remove(output_file_);
  }

  unsigned Random(unsigned below) {
    return std::uniform_int_distribution<unsigned>(0, below - 1)(random_);
  }

  void StartClient() {
    client_ = service_.RunClient({"--user=octocat", "--format=json",
                                  "--resume_file=" + token_file_, kRepo},
                                 output_file_);
  }

  // A mention with a body of its own, of a random kind.
  void AddMention() {
    const unsigned kind = Random(4);
    const std::string body =
        absl::StrCat("@octocat ", ++added_, " of kind ", kind);
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

  // Takes note of the whole lines that the client has printed since.
  void ReadLines() {
    output_.clear();
    for (std::string rest; std::getline(output_, rest);) {
      line_ += rest;
      if (output_.eof()) break;  // no line end yet
      const std::string line = std::exchange(line_, "");
      constexpr std::string_view kField = "\"body\":\"";
      const size_t at = line.find(kField);
      if (at == std::string::npos) continue;
      // Whole, and alone in its line.
      EXPECT_TRUE(line.starts_with('{') && line.ends_with('}')) << line;
      EXPECT_EQ(line.find(kField, at + 1), std::string::npos) << line;
      const size_t begin = at + kField.size();
      printed_.insert(line.substr(begin, line.find('"', begin) - begin));
    }
  }

  void WaitFor(absl::Duration time) {
    // Also reads what the client says, so that it does not have to wait.
    static_cast<void>(
        client_->ReadAll(Subprocess::Stream::kStderr, absl::Now() + time));
    // It gives up where it cannot reach the server before it ever has.
    if (client_->Wait(absl::Now()).ok()) StartClient();
  }

  enum Victim { kServer, kClient, kClientInOrder };
  void Crash(Victim victim) {
    ++crashes_[victim];
    if (victim == kServer) return service_.RestartServer(SIGKILL);
    ASSERT_TRUE(client_->Signal(victim == kClient ? SIGKILL : SIGTERM).ok());
    ASSERT_TRUE(client_->Wait(Deadline()).ok());
    StartClient();
  }

  std::mt19937 random_{Seed()};
  Service service_;
  FakeRepository& repo_ = service_.github().repo(kRepo);
  const int64_t pull_;
  const std::string token_file_;
  const std::string output_file_;
  std::ifstream output_;
  std::string line_;  // the beginning of one
  std::array<int, 3> crashes_ = {};
  std::unique_ptr<Subprocess> client_;
  int added_ = 0;
  std::multiset<std::string> printed_;
};

// Shows: nothing is lost or repeated, whatever crashes
TEST_F(CrashTest, NothingIsLostAndNothingIsRepeatedButByAKilledClient) {
  const int crashes = Effort(45);
  for (int i = 0; i < 300; ++i) AddMention();
  StartClient();
  for (int crash = 0; crash < crashes; ++crash) {
    for (int i = 0; i < 20; ++i) AddMention();
    MisbehaveAtTimes();
    WaitFor(absl::Milliseconds(Random(300)));
    Crash(static_cast<Victim>(Random(3)));
  }
  service_.github().ClearFaults();
  // As long as something comes.
  absl::Time deadline = Deadline();
  output_.open(output_file_);
  size_t seen = 0;
  for (ReadLines();
       printed_.size() < static_cast<size_t>(added_) && absl::Now() < deadline;
       ReadLines()) {
    if (std::exchange(seen, printed_.size()) != printed_.size()) {
      deadline = Deadline();
    }
    WaitFor(absl::Milliseconds(200));
  }
  // Whatever was repeated comes before what is new.
  repo_.AddIssueComment(pull_, "hubot", "the end, @octocat");
  deadline = Deadline();
  while (!printed_.contains("the end, @octocat")) {
    ASSERT_LT(absl::Now(), deadline);
    WaitFor(absl::Milliseconds(50));
    ReadLines();
  }
  printed_.erase("the end, @octocat");

  const std::set<std::string> distinct(printed_.begin(), printed_.end());
  std::cout << added_ << " mentions; killed: " << crashes_[kServer]
            << " times the server, " << crashes_[kClient]
            << " times the client; " << crashes_[kClientInOrder]
            << " times the client ended in order: " << added_ - distinct.size()
            << " lost, " << printed_.size() - distinct.size() << " repeated\n";
  EXPECT_EQ(distinct.size(), static_cast<size_t>(added_));
  EXPECT_LE(printed_.size() - distinct.size(),
            static_cast<size_t>(crashes_[kClient]));
}

}  // namespace
}  // namespace mentiond
