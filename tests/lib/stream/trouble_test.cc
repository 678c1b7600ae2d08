// Limits, outages, renames: what a stream reports, and that it continues.
// stream_model_test has when exactly it reports and tries again.

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

#include "lib/base/status_reason.h"
#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

using absl::StatusCode;
using mentions::v1::Delayed;
using ::testing::HasSubstr;
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
  Subscription OnRepository(uint64_t number, const std::string& token) {
    const std::string name = absl::StrCat("octo/r", number);
    github_.repo(name);
    return SubscriptionWith([&](auto& request) {
      request.set_repo(name);
      request.set_token(token);
    });
  }
  int64_t Review(int64_t pull) {
    return repo_.AddReview(pull, "hubot", "@octocat");
  }

  const int64_t pull_;
  std::shared_ptr<OpenStream> stream_;
};

// Shows: rate limits and transient failures do not end a stream
TEST_F(TroubleTest, AStreamThatIsLateSaysWhyAndContinuesThen) {
  const auto used_up = [this](RateResource resource) {
    github_.SetLimit(5000, 60, resource);
    github_.SetRemaining("ghp_test", 0, resource);
  };
  const auto add = [this](Fault fault) {
    return [=, this] { github_.AddFault(fault); };
  };
  const struct {
    std::function<void()> trouble;
    Delayed::Reason reason;
    const char* detail;
    absl::Duration retry_within;
    bool rest_works = false;  // and has the comment
  } cases[] = {
      {[&] { used_up(RateResource::kCore); }, Delayed::REASON_RATE_LIMITED,
       "rate limit for this token", absl::Hours(1)},
      {[&] { used_up(RateResource::kGraphQl); }, Delayed::REASON_RATE_LIMITED,
       "rate limit for this token", absl::Hours(1), true},
      {add(Fault::Answer(
           "/issues", 403,
           R"({"message":"You have exceeded a secondary rate limit."})",
           {{"Retry-After", "300"}})),
       Delayed::REASON_SECONDARY_RATE_LIMITED, "slow down", absl::Minutes(5)},
      {add(Fault::Answer("/issues", 429, "", {{"Retry-After", "90"}})),
       Delayed::REASON_SECONDARY_RATE_LIMITED, "slow down", absl::Seconds(90)},
      {add(ForGood(Fault::HtmlBadGateway(""))),
       Delayed::REASON_UPSTREAM_UNAVAILABLE, "502", kInterval},
      {add(ForGood(Fault::Close(""))), Delayed::REASON_UPSTREAM_UNAVAILABLE,
       "closed", kInterval},
  };
  for (const auto& [trouble, reason, detail, retry_within, rest_works] :
       cases) {
    // Given trouble, in which somebody comments and reviews,
    trouble();
    const Ids written = {Comment(), Review(pull_)};
    Events events;
    const auto read = [&] {
      for (auto& event : Drain(*stream_->queue)) events.push_back(event);
    };
    const auto is_late = [&] {
      return !events.empty() && events.back().has_delayed();
    };
    for (int attempt = 0; attempt < 20 && !is_late(); ++attempt) {
      Poll();
      read();
    }
    // then the stream says so when it is late,
    ASSERT_TRUE(is_late()) << detail;
    const Delayed delayed = events.back().delayed();
    EXPECT_EQ(delayed.reason(), reason) << detail;
    EXPECT_THAT(delayed.detail(), HasSubstr(detail));
    const absl::Time retry = TimeOf(delayed.retry_at());
    EXPECT_LE(retry, clock_.Now() + retry_within + absl::Seconds(1)) << detail;
    // and when it is over, continues at the time that it has said.
    github_.ClearFaults();
    Pass(retry - clock_.Now() - absl::Milliseconds(1), read);
    EXPECT_EQ(MentionsIn(events).size(), rest_works ? 1U : 0U) << "too early";
    Pass(absl::Milliseconds(1), read);
    EXPECT_THAT(MentionsIn(events), UnorderedElementsAreArray(written));
    github_.SetLimit(1'000'000, 1'000'000);
    github_.SetLimit(1'000'000, 1'000'000, RateResource::kGraphQl);
    MentionsAfter(3, *stream_);
  }
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

// Shows: the statuses with which streams end
TEST_F(TroubleTest, AStreamEndsWithAStatusThatSaysWhatToDo) {
  const struct {
    int status;
    const char* token_expires;  // as GitHub's header says
    StatusCode code;
    const char* reason;  // empty: the code's (server/grpc_status.cc)
    int attempts;
  } cases[] = {
      {401, "", StatusCode::kUnauthenticated, "", 3},
      {401, "2099-01-01 00:00:00 UTC", StatusCode::kUnauthenticated, "", 3},
      {401, "2023-11-01 00:00:00 UTC", StatusCode::kUnauthenticated,
       "GITHUB_TOKEN_EXPIRED", 1},
      {403, "", StatusCode::kPermissionDenied, "", 3},
      {404, "", StatusCode::kNotFound, "", 3},
      {410, "", StatusCode::kFailedPrecondition, "", 1},
      {451, "", StatusCode::kFailedPrecondition, "", 1},
  };
  StopAll();
  for (const auto& one : cases) {
    // Given a good stream,
    int status = 200;
    int asked = 0;
    answer_ = [&](const HttpRequest& request) {
      ++asked;
      auto response = status == 200 ? Ask(github_, request)
                                    : Answer(status, R"({"message":"No"})");
      response->headers.Add("GitHub-Authentication-Token-Expiration",
                            one.token_expires);
      return response;
    };
    const auto stream = Start(WithToken(absl::StrCat("ghp_", &one - cases)));
    EXPECT_TRUE(HasSynced(Drain(*stream->queue)));
    // when GitHub refuses it for good, then it ends after that many attempts.
    status = one.status;
    asked = 0;
    Poll();
    Pass(absl::Seconds(10));
    ASSERT_TRUE(stream->ended().has_value()) << status;
    EXPECT_EQ(stream->ended()->code(), one.code) << *stream->ended();
    EXPECT_EQ(ReasonOf(*stream->ended()), one.reason) << status;
    EXPECT_EQ(asked, one.attempts) << status;
  }
}

// Shows: `UNAUTHENTICATED`
TEST_F(TroubleTest, ABadTokenIsTriedThreeTimesThenRefusedForAMinute) {
  // Given streams on several repositories with a token that GitHub rejects,
  StopAll();
  github_.AddToken("another", "mona");
  github_.SetTokensRestricted(true);
  Asked();
  std::vector<std::shared_ptr<OpenStream>> opened;
  for (const int i : {1, 2, 3}) opened.push_back(Open(OnRepository(i, "bad")));
  Run();
  // then there are three attempts within seven seconds, for all of them,
  Pass(absl::Seconds(7));
  EXPECT_EQ(Asked().size(), 3U);
  for (const auto& stream : opened) {
    EXPECT_TRUE(absl::IsUnauthenticated(stream->ended().value()));
  }
  // and for a minute none, however often clients try,
  for (int i = 0; i < 50; ++i) {
    const auto again = Start(WithToken("bad"));
    EXPECT_TRUE(absl::IsUnauthenticated(again->ended().value()));
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
    transport_.Hold();
    PollerEnvironment environment{.github = client, .clock = clock_};
    {
      PollerGroup group(loop_.get_executor(), environment, absl::Hours(1),
                        [](const StreamView&) {});
      for (const uint64_t id : {1, 2, 3}) {
        group.Start({.low = id}, OnRepository(id, "ghp_test"), stream_->queue);
      }
      Run();
      EXPECT_EQ(transport_.waiting(), static_cast<size_t>(at_once));
      group.Close(absl::CancelledError(), absl::Seconds(1), [] {});
      Run();
    }
    transport_.Release();
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
    Pass(environment_.poll_interval, read);
    ASSERT_GT(transport_.waiting(), 0U);
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

TEST_F(TroubleTest, OnePullRequestThatCannotBeReadDoesNotHoldUpTheOthers) {
  const int64_t other = repo_.AddPull("mona", "Another");
  github_.SetGraphQlFaults({.pulls = {{pull_, {}}}});
  const int64_t failing = Review(pull_);
  const int64_t review = Review(other);
  EXPECT_EQ(MentionsAfter(1, *stream_), Ids{review});
  // Nor does it in a history, which does not count as complete,
  const auto late = Start(WithToken("ghp_other"));
  Poll(6);
  Events events = Drain(*late->queue);
  EXPECT_EQ(MentionsIn(events), Ids{review});
  EXPECT_FALSE(HasSynced(events));
  // and it is tried again, at the latest in the next full poll.
  github_.SetGraphQlFaults({});
  EXPECT_EQ(MentionsAfter(20, *stream_), Ids{failing});
  events = Drain(*late->queue);
  EXPECT_EQ(MentionsIn(events), Ids{failing});
  EXPECT_TRUE(HasSynced(events));

  // One that is gone ends nothing.
  github_.SetGraphQlFaults(
      {.pulls = {{pull_, {.type = "NOT_FOUND", .message = "gone"}}}});
  Review(pull_);
  repo_.AddPull("mona", "For @octocat");
  EXPECT_EQ(MentionsAfter(1, *stream_).size(), 1U);
  EXPECT_FALSE(stream_->ended());
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

// Shows: a renamed repository is followed
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
