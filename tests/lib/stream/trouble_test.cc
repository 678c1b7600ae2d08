// Limits, outages, renames: what a stream reports, and that it continues.
// stream_model_test has when exactly it reports and tries again.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/base/status_reason.h"
#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

using absl::StatusCode;
using mentions::v1::Delayed;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

Fault ForGood(Fault fault) {
  fault.times = std::nullopt;
  return fault;
}

class TroubleTest : public StreamFixture {
 protected:
  TroubleTest() : pull_(repo_.AddPull("mona", "Hello")) {
    clock_.Advance(absl::Hours(24));
    stream_ = Start();
    Poll();
    Drain(*stream_->queue);
  }

  int64_t Comment() {
    return repo_.AddIssueComment(pull_, "hubot", "@octocat");
  }
  int64_t Review(int64_t pull) {
    return repo_.AddReview(pull, "hubot", "@octocat");
  }

  const int64_t pull_;
  std::shared_ptr<OpenStream> stream_;
};

TEST_F(TroubleTest, AStreamThatIsLateSaysWhyAndContinuesThen) {
  struct Case {
    std::function<void()> trouble;
    Delayed::Reason reason;
    const char* detail;
    absl::Duration late;  // at least, before it is worth a word; then at most
    absl::Duration retry_within;
  };
  const auto add = [this](Fault fault) {
    return [=, this] { github_.AddFault(fault); };
  };
  const auto used_up = [this](RateResource resource) {
    return [=, this] {
      github_.SetLimit(5000, 60, resource);
      github_.SetRemaining("ghp_test", 0, resource);
    };
  };
  const std::vector<Case> cases = {
      {used_up(RateResource::kCore), Delayed::REASON_RATE_LIMITED,
       "rate limit for this token", absl::ZeroDuration(), absl::Hours(1)},
      {used_up(RateResource::kGraphQl), Delayed::REASON_RATE_LIMITED,
       "rate limit for this token", absl::ZeroDuration(), absl::Hours(1)},
      {add(Fault::Answer(
           "/issues", 403,
           R"({"message":"You have exceeded a secondary rate limit."})",
           {{"Retry-After", "300"}})),
       Delayed::REASON_SECONDARY_RATE_LIMITED, "slow down",
       absl::ZeroDuration(), absl::Minutes(5)},
      {add(Fault::Answer("/issues", 429, "", {{"Retry-After", "90"}})),
       Delayed::REASON_SECONDARY_RATE_LIMITED, "slow down",
       absl::ZeroDuration(), absl::Seconds(90)},
      {add(ForGood(Fault::HtmlBadGateway(""))),
       Delayed::REASON_UPSTREAM_UNAVAILABLE, "502", absl::Seconds(30),
       kInterval},
      {add(ForGood(Fault::Close(""))), Delayed::REASON_UPSTREAM_UNAVAILABLE,
       "closed", absl::Seconds(30), kInterval},
  };
  for (const Case& one : cases) {
    // Given trouble, in which somebody comments and reviews,
    one.trouble();
    Ids written = {Comment(), Review(pull_)};
    const absl::Time first_attempt = clock_.NextDeadline();
    std::optional<Delayed> delayed;
    Ids found;
    const auto read = [&] {
      for (const EventQueue::Event& event : Drain(*stream_->queue)) {
        if (event.has_mention()) found.push_back(event.mention().id());
        if (event.has_delayed()) delayed = event.delayed();
      }
    };
    for (int attempt = 0; attempt < 20 && !delayed; ++attempt) {
      Poll();
      read();
    }
    // then the stream says so when it is late,
    ASSERT_TRUE(delayed.has_value()) << one.detail;
    EXPECT_EQ(delayed->reason(), one.reason) << one.detail;
    EXPECT_THAT(delayed->detail(), HasSubstr(one.detail));
    EXPECT_GE(clock_.Now() - first_attempt, one.late) << one.detail;
    const absl::Time retry = TimeOf(delayed->retry_at());
    EXPECT_GT(retry, first_attempt + kInterval) << one.detail;
    EXPECT_LE(retry, clock_.Now() + one.retry_within + absl::Seconds(1));
    // and when it is over, continues at the time that it has said.
    github_.ClearFaults();
    Pass(retry - clock_.Now() - absl::Milliseconds(1), read);
    EXPECT_LT(found.size(), 2U) << one.detail << ": too early";
    Pass(absl::Milliseconds(1), read);
    EXPECT_THAT(found, UnorderedElementsAreArray(written)) << one.detail;
    github_.SetLimit(1'000'000, 1'000'000);
    github_.SetLimit(1'000'000, 1'000'000, RateResource::kGraphQl);
    Poll(3);
    Drain(*stream_->queue);
  }
  EXPECT_FALSE(stream_->ended());
}

TEST_F(TroubleTest, AHeartbeatTellsWhatIsLeftOfBothLimits) {
  github_.SetLimit(5000, 60);
  github_.SetRemaining("ghp_test", 4321);
  Review(pull_);
  Poll();
  const auto heartbeat = Drain(*stream_->queue).back().heartbeat();
  EXPECT_EQ(heartbeat.rate_limit().limit(), 5000U);
  EXPECT_THAT(heartbeat.rate_limit().remaining(),
              testing::AllOf(testing::Ge(4315U), testing::Le(4321U)));
  EXPECT_GT(TimeOf(heartbeat.rate_limit().reset_at()), clock_.Now());
  EXPECT_EQ(heartbeat.graphql_rate_limit().limit(), 5000U);
  EXPECT_THAT(heartbeat.graphql_rate_limit().remaining(),
              testing::AllOf(testing::Gt(4990U), testing::Lt(5000U)));
}

TEST_F(TroubleTest, AStreamEndsWithAStatusThatSaysWhatToDo) {
  struct Case {
    int status;
    const char* token_expires;  // as GitHub's header says
    StatusCode code;
    const char* reason;  // empty: of the code's (server/grpc_status.cc)
    int attempts;
  };
  const std::vector<Case> cases = {
      {401, nullptr, StatusCode::kUnauthenticated, "", 3},
      {401, "2099-01-01 00:00:00 UTC", StatusCode::kUnauthenticated, "", 3},
      {401, "2023-11-01 00:00:00 UTC", StatusCode::kUnauthenticated,
       "GITHUB_TOKEN_EXPIRED", 1},
      {403, nullptr, StatusCode::kPermissionDenied, "", 3},
      {404, nullptr, StatusCode::kNotFound, "", 3},
      {410, nullptr, StatusCode::kFailedPrecondition, "", 1},
      {451, nullptr, StatusCode::kFailedPrecondition, "", 1},
  };
  StopAll();
  int number = 0;
  for (const Case& one : cases) {
    // Given a good stream,
    std::optional<int> status;
    int asked = 0;
    answer_ = [&](const HttpRequest& request) {
      ++asked;
      auto response = status ? Answer(*status, R"({"message":"No"})")
                             : Ask(github_, request);
      if (one.token_expires != nullptr) {
        response->headers.Add("GitHub-Authentication-Token-Expiration",
                              one.token_expires);
      }
      return response;
    };
    const auto stream = Start(WithToken(absl::StrCat("ghp_", ++number)));
    EXPECT_TRUE(HasSynced(Drain(*stream->queue)));
    // when GitHub refuses it for good, then it ends after that many attempts.
    status = one.status;
    asked = 0;
    Poll();
    Pass(absl::Seconds(10));
    ASSERT_TRUE(stream->ended().has_value()) << one.status;
    EXPECT_EQ(stream->ended()->code(), one.code) << *stream->ended();
    EXPECT_EQ(ReasonOf(*stream->ended()), one.reason) << one.status;
    EXPECT_EQ(asked, one.attempts) << one.status;
  }
}

TEST_F(TroubleTest, ABadTokenIsTriedThreeTimesThenRefusedForAMinute) {
  // Given streams on several repositories with a token that GitHub rejects
  StopAll();
  github_.AddToken("another", "mona");
  github_.SetTokensRestricted(true);
  std::vector<std::shared_ptr<OpenStream>> streams;
  for (const char* repo : {"octo/a", "octo/b", "octo/c"}) {
    github_.repo(repo);
    streams.push_back(Open(SubscriptionWith([&](auto& request) {
      request.set_token("bad");
      request.set_repo(repo);
    })));
  }
  Asked();
  Run();
  // then there are three attempts within seven seconds, for all of them,
  Pass(absl::Seconds(7));
  EXPECT_EQ(Asked().size(), 3U);
  for (const auto& stream : streams) {
    ASSERT_TRUE(stream->ended());
    EXPECT_EQ(stream->ended()->code(), StatusCode::kUnauthenticated);
  }
  // and for a minute none, however often clients try,
  for (int i = 0; i < 50; ++i) {
    const auto again = Start(WithToken("bad"));
    ASSERT_TRUE(again->ended());
    EXPECT_EQ(again->ended()->code(), StatusCode::kUnauthenticated);
    Pass(absl::Seconds(1));
  }
  EXPECT_EQ(Asked().size(), 0U);
  // while another token works.
  EXPECT_FALSE(Start(WithToken("another"))->ended());
  Pass(absl::Seconds(10));
  Asked();
  EXPECT_TRUE(Start(WithToken("bad"))->ended());
  EXPECT_EQ(Asked().size(), 1U) << "one attempt a minute";
}

TEST_F(TroubleTest, OnlySoManyRequestsOfATokenAreUnderWayAtATime) {
  for (const int at_once : {1, 2}) {
    GitHubClient client(
        loop_.get_executor(), transport_, clock_,
        {.api_url = kInProcessApi, .requests_at_once_per_token = at_once});
    PollerEnvironment environment{.github = client, .clock = clock_};
    transport_.Hold();
    std::vector<std::unique_ptr<OpenStream>> streams;
    for (const char* repo : {"octo/a", "octo/b", "octo/c"}) {
      streams.push_back(std::make_unique<OpenStream>(
          loop_.get_executor(), environment,
          SubscriptionWith([&](auto& request) { request.set_repo(repo); })));
    }
    Run();
    EXPECT_EQ(transport_.waiting(), static_cast<size_t>(at_once));
    for (const auto& stream : streams) stream->Stop();
    transport_.Release();
    Run();
  }
}

TEST_F(TroubleTest, TheResumeTokenOfAKeepaliveIsThatOfWhatWasSentBefore) {
  StopAll();
  environment_.poll_interval = absl::Minutes(10);
  environment_.keepalive_interval = absl::Seconds(30);
  const auto stream = Start();
  const auto read = [&] { Drain(*stream->queue); };
  Pass(absl::Minutes(11), read);
  int between = 0;
  for (int steps = 0; steps < 40; ++steps) {
    // Given a poll that finds a mention after the stream was quiet for long,
    transport_.Hold();
    const int64_t mention = Comment();
    for (int i = 0; i < 1200 && transport_.waiting() == 0; ++i) {
      Pass(absl::Seconds(1), read);
    }
    ASSERT_GT(transport_.waiting(), 0U);
    Pass(absl::Seconds(10), read);
    // when the heartbeat is due after any number of steps of the poll,
    transport_.Release();
    loop_.restart();
    for (int i = 0; i < steps; ++i) loop_.poll_one();
    clock_.Advance(
        std::min(clock_.NextDeadline() - clock_.Now(), absl::Seconds(30)));
    Run();
    // then a stream that resumes from a heartbeat before the mention gets it.
    const auto events = Drain(*stream->queue);
    const auto found =
        std::find_if(events.begin(), events.end(),
                     [](const auto& event) { return event.has_mention(); });
    ASSERT_NE(found, events.end());
    if (found == events.begin()) continue;
    ++between;
    const auto other = Start(SubscriptionWith([&](auto& request) {
      request.set_resume_token(std::prev(found)->resume_token());
    }));
    EXPECT_EQ(NewMentions(*other), Ids{mention})
        << "after " << steps << " steps";
    Cancel(*other);
  }
  EXPECT_GT(between, 0);
}

TEST_F(TroubleTest, EveryKindOfFaultIsSurvivedWithoutLossOrRepetition) {
  const std::vector<Fault> faults = {
      Fault::HtmlBadGateway(""),
      Fault::Close(""),
      Fault::Truncate("", 10),
      Fault::Answer("", 200, ""),
      Fault::Answer("", 200, "[{\"id\":1},"),
      Fault::Answer("", 200, "{}"),
      Fault::Answer("", 200, "<html>"),
      Fault::Answer("", 500, "{}"),
      Fault::Answer("", 503, "", {{"Retry-After", "1"}}),
      Fault::Answer("", 422, R"({"message":"too deep"})"),
      Fault::Answer("", 301, ""),
      Fault::Answer("", 304, ""),
      Fault::Answer("", 429, "", {{"Retry-After", "2"}}),
  };
  for (const Fault& fault : faults) {
    for (const char* target : {"/issues?", "/issues/comments", "/graphql"}) {
      Fault one = fault;
      one.target_contains = target;
      one.times = 2;
      github_.AddFault(one);
      const int64_t comment = Comment();
      const int64_t review = Review(pull_);
      EXPECT_THAT(MentionsAfter(8, *stream_),
                  UnorderedElementsAre(comment, review))
          << fault.status << " " << fault.body << " at " << target;
      github_.ClearFaults();
    }
  }
  EXPECT_FALSE(stream_->ended());
}

TEST_F(TroubleTest, OnePullRequestThatCannotBeReadDoesNotHoldUpTheOthers) {
  const int64_t other = repo_.AddPull("mona", "Another");
  github_.SetGraphQlFaults({.pulls = {{pull_, {}}}});
  const int64_t failing = Review(pull_);
  const int64_t review = Review(other);
  EXPECT_EQ(MentionsAfter(1, *stream_), Ids{review});
  // and it is tried again in the next full poll.
  github_.SetGraphQlFaults({});
  EXPECT_EQ(MentionsAfter(10, *stream_), Ids{failing});

  // One that is gone ends nothing.
  github_.SetGraphQlFaults(
      {.pulls = {{pull_, {.type = "NOT_FOUND", .message = "gone"}}}});
  Review(pull_);
  repo_.AddPull("mona", "For @octocat");
  EXPECT_EQ(MentionsAfter(1, *stream_).size(), 1U);
  EXPECT_FALSE(stream_->ended());
}

TEST_F(TroubleTest, NorDoesItInAHistory) {
  // Given three reviews, one of them on a pull request that can't be read
  const int64_t first = Review(pull_);
  const int64_t broken = repo_.AddPull("mona", "Another");
  const int64_t failing = Review(broken);
  const int64_t third = Review(pull_);
  github_.SetGraphQlFaults({.pulls = {{broken, {.field = "reviews"}}}});
  stream_ = Start();
  Events events = Drain(*stream_->queue);
  const auto attempt = [&](int times) {
    Poll(times);
    for (auto& event : Drain(*stream_->queue)) events.push_back(event);
  };
  // then the others are delivered, and so is what is new; but the history does
  // not count as complete.
  EXPECT_EQ(MentionsIn(events), (Ids{first, third}));
  attempt(3);
  const int64_t comment = Comment();
  attempt(4);
  EXPECT_EQ(MentionsIn(events), (Ids{first, third, comment}));
  EXPECT_FALSE(HasSynced(events));

  github_.SetGraphQlFaults({});
  attempt(2);
  EXPECT_EQ(MentionsIn(events), (Ids{first, third, comment, failing}));
  EXPECT_TRUE(HasSynced(events));
}

TEST_F(TroubleTest, AHistoryWithAGapLosesNothingToABreak) {
  // Given a history with mentions in reviews, of which one can't be read at
  // first, while another pull request is updated
  Ids all;
  std::vector<int64_t> pulls;
  for (int i = 0; i < 6; ++i) {
    clock_.Advance(absl::Hours(1));
    pulls.push_back(repo_.AddPull("mona", "Another"));
    if (i > 0 && i < 5) all.push_back(Review(pulls.back()));
  }
  clock_.Advance(absl::Hours(24));
  StopAll();
  github_.SetGraphQlFaults({.pulls = {{pulls[2], {.times = 1}}}});
  stream_ = Start();
  Events events = Drain(*stream_->queue);
  repo_.AddIssueComment(pulls.back(), "hubot", "nobody");
  Poll();
  for (auto& event : Drain(*stream_->queue)) events.push_back(event);
  EXPECT_THAT(MentionsIn(events), UnorderedElementsAreArray(all));

  for (auto last = events.begin(); last != events.end(); ++last) {
    // When it is interrupted after any response and resumed elsewhere,
    const auto resumed = Start(SubscriptionWith([&](auto& request) {
      request.set_token("ghp_other");
      request.set_resume_token(last->resume_token());
    }));
    Poll(2);
    // then each mention comes once.
    Ids delivered = MentionsIn({events.begin(), last + 1});
    for (const int64_t id : NewMentions(*resumed)) delivered.push_back(id);
    EXPECT_THAT(delivered, UnorderedElementsAreArray(all))
        << "after " << last->ShortDebugString();
    Cancel(*resumed);
  }
}

TEST_F(TroubleTest, LargePagesThatFailAreRequestedInSmallerOnes) {
  // Given a repository whose pages of a hundred never come
  github_.AddFault(
      ForGood(Fault::HtmlBadGateway("direction=asc&per_page=100")));
  github_.AddFault(ForGood(Fault::HtmlBadGateway("direction=asc&per_page=50")));
  const int64_t comment = Comment();
  EXPECT_EQ(MentionsAfter(20, *stream_), Ids{comment});
  EXPECT_GT(CountOf(Asked(), "direction=asc&per_page=25"), 0);
}

TEST_F(TroubleTest, ARenamedRepositoryIsReadAtItsNewUrl) {
  ASSERT_TRUE(github_.Rename("octo/demo", "octo/renamed").ok());
  int64_t comment = Comment();
  Asked();
  EXPECT_EQ(MentionsAfter(1, *stream_), Ids{comment});
  EXPECT_GT(CountOf(Asked(), "/repos/octo/demo/"), 0);

  comment = Comment();
  EXPECT_EQ(MentionsAfter(1, *stream_), Ids{comment});
  const auto asked = Asked();
  EXPECT_EQ(CountOf(asked, "/repos/octo/demo/"), 0) << "remembered";
  EXPECT_GT(CountOf(asked, "/repositories/"), 0);

  // But a new stream uses the name that it was given.
  Start();
  EXPECT_GT(CountOf(Asked(), "/repos/octo/demo/"), 0);
}

}  // namespace
}  // namespace mentiond
