// The sample client against the real server.

#include <csignal>
#include <string>
#include <string_view>

#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

mentions::v1::SubscribeResponse Parse(const std::string& line) {
  mentions::v1::SubscribeResponse response;
  const auto status =
      google::protobuf::util::JsonStringToMessage(line, &response);
  EXPECT_TRUE(status.ok()) << line;
  return response;
}

TEST(ClientTest, PrintsTheHistoryAndWhatComesAsJson) {
  // Given a mention
  Service service;
  FakeRepository& repo = service.github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "For @octocat");

  // When the client runs
  const auto client =
      service.RunClient({"--user=octocat", "--format=json", kRepo});

  // Then it prints that, then Synced, then what comes.
  mentions::v1::SubscribeResponse response;
  do {
    const auto line = client->ReadLine(Subprocess::Stream::kStdout, Deadline());
    ASSERT_TRUE(line.ok()) << line.status();
    response = Parse(*line);
  } while (!response.has_mention());
  EXPECT_EQ(response.mention().pull_request(), pull);
  do {
    const auto line = client->ReadLine(Subprocess::Stream::kStdout, Deadline());
    ASSERT_TRUE(line.ok()) << line.status();
    response = Parse(*line);
  } while (!response.has_synced());
  repo.AddIssueComment(pull, "hubot", "@octocat now");
  do {
    const auto line = client->ReadLine(Subprocess::Stream::kStdout, Deadline());
    ASSERT_TRUE(line.ok()) << line.status();
    response = Parse(*line);
  } while (!response.has_mention());
  EXPECT_EQ(response.mention().body(), "@octocat now");

  // Ctrl-C ends it well, and its poller with it.
  ASSERT_TRUE(client->Signal(SIGINT).ok());
  const auto exit = client->Wait(Deadline());
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_EQ(exit->code, 0);
  service.WaitUntilNoStreamIsOpen();
}

TEST(ClientTest, PrintsForAPerson) {
  Service service;
  FakeRepository& repo = service.github().repo(kRepo);
  repo.AddPull("mona", "Could @octocat look at this?");
  const auto client = service.RunClient({"--user=octocat", kRepo});
  const auto line = client->WaitForLine(
      Subprocess::Stream::kStdout,
      [](std::string_view text) {
        return text.find("Could @octocat look at this?") !=
               std::string_view::npos;
      },
      Deadline());
  EXPECT_TRUE(line.ok()) << line.status();
}

TEST(ClientTest, SaysWhatIsWrongAndWhatToDo) {
  Service service;
  const auto client = service.RunClient({"--user=octocat", "octo/nowhere"});
  const auto exit = client->Wait(Deadline());
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_EQ(exit->code, 1);
  const auto words = client->ReadAll(Subprocess::Stream::kStderr, Deadline());
  ASSERT_TRUE(words.ok());
  EXPECT_NE(words->find("Not Found"), std::string::npos) << *words;
  EXPECT_NE(words->find("token"), std::string::npos) << *words;
}

}  // namespace
}  // namespace mentiond
