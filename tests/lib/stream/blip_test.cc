// Errors that end a stream, which GitHub's incidents show for a moment where
// nothing is wrong.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/lib/stream/streams_fixture.h"

namespace mentiond {
namespace {

using absl::StatusCode;

class BlipTest : public StreamsFixture {
 protected:
  BlipTest() { pull_ = repo_.AddPull("mona", "Hello"); }

  void AnswerTimes(int status, std::optional<int> times) {
    Fault fault = Fault::Answer("/issues?", status, R"({"message":"No"})");
    fault.times = times;
    github_.AddFault(fault);
  }
  // Lets time pass as far as streams want it to, at most `time`.
  void Pass(absl::Duration time) {
    const absl::Time end = clock_.Now() + time;
    while (clock_.NextDeadline() <= end) {
      clock_.Advance(clock_.NextDeadline() - clock_.Now());
      Run();
    }
    clock_.Advance(end - clock_.Now());
  }
  size_t RequestsInPassing(absl::Duration time) {
    github_.ClearLog();
    Pass(time);
    return github_.requests().size();
  }
  Subscription With(const std::string& token,
                    const std::string& repo = "octo/demo") {
    Subscription subscription = MakeSubscription();
    subscription.token = Secret(token);
    subscription.repo = *RepoName::Parse(repo, "github.test");
    return subscription;
  }

  int64_t pull_ = 0;
};

TEST_F(BlipTest, AGoodStreamSurvivesOneOrTwoSuchErrors) {
  const auto stream = Start();
  Pass(kInterval);
  for (const int status : {401, 403, 404}) {
    for (const int times : {1, 2}) {
      Drain(*stream->queue);
      AnswerTimes(status, times);
      const int64_t mention = repo_.AddIssueComment(pull_, "hubot", "@octocat");
      Pass(kInterval + absl::Seconds(10));
      std::optional<absl::Status> end;
      const auto events = Drain(*stream->queue, &end);
      EXPECT_FALSE(end) << *end;
      EXPECT_EQ(std::count_if(events.begin(), events.end(),
                              [&](const auto& event) {
                                return event.mention().id() == mention;
                              }),
                1)
          << status << " " << times;
      for (const auto& event : events) EXPECT_FALSE(event.has_delayed());
    }
  }
}

TEST_F(BlipTest, AGoodStreamEndsWhenTheErrorLasts) {
  for (const auto& [status, code] :
       {std::pair(401, StatusCode::kUnauthenticated),
        {403, StatusCode::kPermissionDenied},
        {404, StatusCode::kNotFound}}) {
    const auto stream = Start();
    Pass(kInterval);
    AnswerTimes(status, std::nullopt);
    Pass(clock_.NextDeadline() - clock_.Now());
    github_.ClearLog();
    Pass(absl::Seconds(10));
    ASSERT_TRUE(stream->poller.ended()) << status;
    EXPECT_EQ(stream->poller.ended()->code(), code);
    EXPECT_EQ(github_.requests().size(), 2U) << "two more attempts";
    github_.ClearFaults();
    StopAll();
    Pass(absl::Minutes(1));
  }
}

TEST_F(BlipTest, AResumedStreamWasGoodBefore) {
  const auto first = Start();
  const std::string token = Drain(*first->queue).back().resume_token();
  AnswerTimes(404, 1);
  mentions::v1::SubscribeRequest request;
  request.set_repo("octo/demo");
  request.set_user("octocat");
  request.set_token("ghp_test");
  request.set_resume_token(token);
  const auto resumed = Start(*ParseSubscription(request, "", "github.test"));
  Pass(absl::Seconds(10));
  EXPECT_FALSE(resumed->poller.ended());
}

TEST_F(BlipTest, ANewTokenHasSecondsToBecomeKnown) {
  AnswerTimes(401, 2);
  const auto stream = Start();
  Pass(absl::Seconds(7));
  EXPECT_FALSE(stream->poller.ended());
  const auto events = Drain(*stream->queue);
  EXPECT_TRUE(std::any_of(events.begin(), events.end(), [](const auto& event) {
    return event.has_synced();
  }));
}

TEST_F(BlipTest, ABadTokenIsTriedThreeTimesThenRefusedForAMinute) {
  // Given streams on several repositories with a token that GitHub rejects
  github_.AddToken("another", "mona");
  github_.SetTokensRestricted(true);
  std::vector<std::shared_ptr<OpenStream>> streams;
  for (const char* repo : {"octo/a", "octo/b", "octo/c"}) {
    github_.repo(repo);
    streams.push_back(Open(With("bad", repo)));
  }
  github_.ClearLog();
  Run();
  // then there are three attempts within seven seconds, for all of them,
  Pass(absl::Seconds(7));
  EXPECT_EQ(github_.requests().size(), 3U);
  for (const auto& stream : streams) {
    ASSERT_TRUE(stream->poller.ended());
    EXPECT_EQ(stream->poller.ended()->code(), StatusCode::kUnauthenticated);
  }
  // and for a minute none, however often clients try,
  github_.ClearLog();
  for (int i = 0; i < 50; ++i) {
    const auto again = Start(With("bad"));
    ASSERT_TRUE(again->poller.ended());
    EXPECT_EQ(again->poller.ended()->code(), StatusCode::kUnauthenticated);
    Pass(absl::Seconds(1));
  }
  EXPECT_EQ(github_.requests().size(), 0U);
  // while another token works.
  EXPECT_FALSE(Start(With("another"))->poller.ended());
  github_.ClearLog();
  Pass(absl::Seconds(10));
  EXPECT_TRUE(Start(With("bad"))->poller.ended());
  EXPECT_EQ(github_.requests().size(), 1U) << "one attempt a minute";
}

TEST_F(BlipTest, ANewStreamOnWhatIsNotThereEndsAtOnce) {
  for (const int status : {403, 404}) {
    AnswerTimes(status, 1);
    EXPECT_TRUE(Start()->poller.ended());
  }
}

}  // namespace
}  // namespace mentiond
