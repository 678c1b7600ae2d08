// GitHub's limits, faults and redirects, as the client meets them.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/fakes/captured_log.h"
#include "tests/lib/github/client_fixture.h"

namespace mentiond {
namespace {

using mentions::v1::Delayed;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Headers = std::vector<std::pair<std::string, std::string>>;

class LimitsTest : public ClientFixture {
 protected:
  void Serve(int status, const std::string& body, const Headers& headers = {}) {
    answer_ = [status, body, headers](const HttpRequest&) {
      return Answer(status, body, headers);
    };
  }
  std::string In(absl::Duration from_now) const {
    return absl::StrCat(absl::ToUnixSeconds(clock_.Now() + from_now));
  }
  Headers Quota(int limit, int remaining, absl::Duration reset) const {
    return {{"X-RateLimit-Limit", absl::StrCat(limit)},
            {"X-RateLimit-Remaining", absl::StrCat(remaining)},
            {"X-RateLimit-Reset", In(reset)}};
  }
  // A different question each time: equal ones share their failures.
  PageResult FetchAnother(const std::string& token = "ghp_one") {
    return Fetch(Query(absl::StrCat(kUrl, "&n=", ++count_), token));
  }
  Delayed::Reason ReasonOf(const PageResult& page) const {
    return DelayOf(page.status())->reason;
  }

  int count_ = 0;
};

TEST_F(LimitsTest, WhenTheQuotaIsUsedUpNothingIsSentBeforeItsReset) {
  Serve(403, R"({"message":"API rate limit exceeded"})",
        Quota(5000, 0, absl::Minutes(20)));
  const PageResult refused = FetchAnother();
  EXPECT_EQ(ReasonOf(refused), Delayed::REASON_RATE_LIMITED);
  EXPECT_EQ(WaitOf(refused), absl::Minutes(20) + absl::Seconds(1));

  EXPECT_EQ(WaitOf(FetchAnother()), WaitOf(refused));
  EXPECT_EQ(requests(), 1U) << "not even sent";
  EXPECT_EQ(WaitOf(FetchAnother("ghp_two")), WaitOf(refused));
  EXPECT_EQ(requests(), 2U) << "another token has its own";

  Serve(200, "[]");
  clock_.Advance(absl::Minutes(20) + absl::Seconds(1));
  EXPECT_TRUE(FetchAnother().ok());
}

TEST_F(LimitsTest, RetryAfterComesBeforeAllElse) {
  Headers headers = Quota(5000, 0, absl::Minutes(20));
  headers.emplace_back("Retry-After", "90");
  for (const int status : {403, 429}) {
    Serve(status, "", headers);
    EXPECT_EQ(WaitOf(FetchAnother(absl::StrCat("ghp_", status))),
              absl::Seconds(90));
  }
}

TEST_F(LimitsTest, ASecondaryLimitWithoutRetryAfterWaitsAMinuteThenLonger) {
  Serve(403, R"({"message":"You have exceeded a secondary rate limit."})",
        Quota(5000, 4000, absl::Minutes(20)));
  for (const int minutes : {1, 2, 4, 8, 16, 32, 60, 60}) {
    const PageResult refused = FetchAnother();
    EXPECT_EQ(ReasonOf(refused), Delayed::REASON_SECONDARY_RATE_LIMITED);
    EXPECT_EQ(WaitOf(refused), absl::Minutes(minutes));
    clock_.Advance(absl::Minutes(minutes));
  }
  Serve(200, "[]");
  ASSERT_TRUE(FetchAnother().ok());
  Serve(429, "");
  EXPECT_EQ(WaitOf(FetchAnother()), absl::Minutes(1)) << "from the beginning";
}

TEST_F(LimitsTest, AfterASecondaryLimitHistoriesGoSlowerForAnHour) {
  const auto history = [&] {
    PageQuery query = Query(absl::StrCat(kUrl, "&n=", ++count_));
    query.priority = Priority::kHistory;
    return query;
  };
  Serve(429, "");
  clock_.Advance(WaitOf(FetchAnother()));
  Serve(200, "[]");
  ASSERT_TRUE(FetchAnother().ok());

  // The next of a history waits a little, a poll does not.
  const auto waiting = Ask(history());
  EXPECT_FALSE(waiting->result.has_value());
  EXPECT_EQ(clock_.NextDeadline() - clock_.Now(), absl::Milliseconds(100));
  clock_.Advance(absl::Milliseconds(100));
  RunReady(loop_);
  EXPECT_TRUE(waiting->result.has_value());
  EXPECT_TRUE(FetchAnother().ok());

  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(Fetch(history()).ok());
}

TEST_F(LimitsTest, ALimitThatSaysNoTimeOrNonsenseWaitsAMinute) {
  const std::vector<Headers> nonsense = {
      {{"X-RateLimit-Remaining", "0"}},
      Quota(5000, 0, -absl::Minutes(5)),     // in the past
      Quota(5000, 0, absl::Hours(480'000)),  // milliseconds
      {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "soon"}},
      {{"Retry-After", "-5"}},
      {{"Retry-After", "99999999999999999999"}},
      {{"Retry-After", "9999999"}},
  };
  for (const Headers& headers : nonsense) {
    Serve(429, "", headers);
    EXPECT_EQ(WaitOf(FetchAnother()), absl::Minutes(1));
    Serve(200, "[]");
    clock_.Advance(absl::Hours(2));
    ASSERT_TRUE(FetchAnother().ok());
  }
}

TEST_F(LimitsTest, ARetryAfterOfNothingIsNoBusyLoop) {
  Serve(429, "", {{"Retry-After", "0"}});
  EXPECT_EQ(WaitOf(FetchAnother()), absl::Seconds(1));
}

TEST_F(LimitsTest, GitHubsClockCountsForItsTimes) {
  // GitHub's clock is an hour ahead of ours.
  const absl::Time there = clock_.Now() + absl::Hours(1);
  Headers headers = Quota(5000, 0, absl::Hours(1) + absl::Minutes(5));
  headers.emplace_back("Date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                                                there, absl::UTCTimeZone()));
  Serve(403, "", headers);
  EXPECT_EQ(WaitOf(FetchAnother()), absl::Minutes(5) + absl::Seconds(1));
}

TEST_F(LimitsTest, ARefusalThatIsNoLimitIsLasting) {
  Serve(403, R"({"message":"Resource protected by organization SAML"})",
        Quota(5000, 4000, absl::Minutes(20)));
  const PageResult refused = FetchAnother();
  EXPECT_TRUE(absl::IsPermissionDenied(refused.status()));
  EXPECT_EQ(DelayOf(refused.status()), std::nullopt);
}

TEST_F(LimitsTest, TheLastTenthIsForPollsAndTheReserveForNobody) {
  const auto ask = [&](int remaining, Priority priority) {
    clock_.Advance(absl::Hours(1));
    Serve(200, "[]", Quota(5000, remaining, absl::Minutes(30)));
    EXPECT_TRUE(FetchAnother().ok());
    clock_.Advance(absl::Minutes(10));
    PageQuery query = Query(absl::StrCat(kUrl, "&n=", ++count_));
    query.priority = priority;
    return Fetch(query);
  };
  EXPECT_TRUE(ask(600, Priority::kHistory).ok());
  EXPECT_TRUE(ask(400, Priority::kLive).ok());
  EXPECT_EQ(WaitOf(ask(400, Priority::kHistory)),
            absl::Minutes(20) + absl::Seconds(1));
  EXPECT_EQ(WaitOf(ask(50, Priority::kLive)),
            absl::Minutes(20) + absl::Seconds(1));
}

TEST_F(LimitsTest, WhatIsLeftIsSpreadOverTheRestOfTheHour) {
  // 150 of 5,000 left, of which 50 are kept: 100 for 1,000 s.
  Serve(200, "[]", Quota(5000, 150, absl::Seconds(999)));
  ASSERT_TRUE(FetchAnother().ok());
  EXPECT_EQ(WaitOf(FetchAnother()), absl::Seconds(10));
  clock_.Advance(absl::Seconds(10));
  EXPECT_TRUE(FetchAnother().ok());
}

TEST_F(LimitsTest, AFreeResponseSlowsNothingDown) {
  Headers headers = Quota(5000, 150, absl::Seconds(999));
  headers.emplace_back("ETag", R"("1")");
  Serve(200, "[]", headers);
  ASSERT_TRUE(Fetch().ok());
  clock_.Advance(absl::Seconds(10));
  Serve(304, "", headers);
  ASSERT_TRUE(Fetch().ok());
  EXPECT_TRUE(Fetch().ok());
}

TEST_F(LimitsTest, RequestsOfOneTokenTakeTurnsPollsFirst) {
  transport_.Hold();
  PageQuery history = Query(absl::StrCat(kUrl, "&history"));
  history.priority = Priority::kHistory;
  const auto first = Ask(Query(absl::StrCat(kUrl, "&first")));
  const auto second = Ask(history);
  const auto third = Ask(Query(absl::StrCat(kUrl, "&poll")));
  const auto other = Ask(Query(kUrl, "ghp_two"));
  EXPECT_EQ(transport_.waiting(), 2U) << "one for each token";

  transport_.Release();
  RunReady(loop_);
  EXPECT_TRUE(second->result.has_value());
  std::vector<std::string> order;
  for (const HttpRequest& request : transport_.requests()) {
    if (request.bearer.Expose() == "ghp_one") {
      order.push_back(request.url.substr(sizeof(kUrl)));
    }
  }
  EXPECT_EQ(order, (std::vector<std::string>{"first", "poll", "history"}));
}

TEST_F(LimitsTest, WhoIsCancelledInTheQueueLeavesNoGap) {
  transport_.Hold();
  const auto first = Ask(Query(absl::StrCat(kUrl, "&1")));
  const auto second = Ask(Query(absl::StrCat(kUrl, "&2")));
  const auto third = Ask(Query(absl::StrCat(kUrl, "&3")));
  Cancel(*second);
  EXPECT_TRUE(absl::IsCancelled(second->result->status()));
  transport_.Release();
  RunReady(loop_);
  EXPECT_TRUE(third->result.has_value());
  EXPECT_EQ(requests(), 2U);
  EXPECT_TRUE(FetchAnother().ok());
}

TEST_F(LimitsTest, RequestsBeyondTheTotalWaitTheirTurnPollsFirst) {
  const auto token = [](int i) { return absl::StrCat("ghp_", i); };
  transport_.Hold();
  for (int i = 0; i < kRequestsAtOnce; ++i) Ask(Query(kUrl, token(i)));
  PageQuery history = Query(kUrl, "ghp_history");
  history.priority = Priority::kHistory;
  const auto late = Ask(history);
  const auto cancelled = Ask(Query(kUrl, "ghp_cancelled"));
  const auto poll = Ask(Query(kUrl, "ghp_poll"));
  EXPECT_EQ(transport_.waiting(), size_t{kRequestsAtOnce});

  // When one of those that wait leaves, and the others are released
  Cancel(*cancelled);
  transport_.Release();
  RunReady(loop_);

  // then every other one has been sent, the poll before the history.
  EXPECT_TRUE(late->result.has_value() && late->result->ok());
  EXPECT_TRUE(poll->result.has_value() && poll->result->ok());
  ASSERT_EQ(requests(), size_t{kRequestsAtOnce} + 2);
  EXPECT_EQ(transport_.requests()[kRequestsAtOnce].bearer.Expose(), "ghp_poll");

  // And as many as before are admitted again.
  transport_.Hold();
  for (int i = 0; i <= kRequestsAtOnce; ++i) Ask(Query(kUrl, token(i)));
  EXPECT_EQ(transport_.waiting(), size_t{kRequestsAtOnce});
}

TEST_F(LimitsTest, AFaultIsTriedAgainByAllAtOnceAfterAGrowingWait) {
  Serve(502, "<html>");
  for (const int seconds : {1, 2, 4, 8, 16, 32, 60, 60}) {
    const PageResult failed = Fetch();
    EXPECT_EQ(ReasonOf(failed), Delayed::REASON_UPSTREAM_UNAVAILABLE);
    EXPECT_EQ(WaitOf(failed), absl::Seconds(seconds));
    const size_t before = requests();
    EXPECT_EQ(WaitOf(Fetch()), absl::Seconds(seconds));
    EXPECT_EQ(requests(), before) << "who comes meanwhile waits, too";
    clock_.Advance(absl::Seconds(seconds));
  }
  Serve(200, "[]");
  EXPECT_TRUE(Fetch().ok());
  Serve(502, "");
  EXPECT_EQ(WaitOf(Fetch()), absl::Seconds(1)) << "from the beginning";
}

// What many tokens meet at once is one line of the log, and the next one, a
// second later, tells of the others.
class LogTest : public LimitsTest {
 protected:
  void FetchWithManyTokens(const std::string& url = kUrl) {
    for (int i = 0; i < 50; ++i) {
      ++count_;
      (void)Fetch(Query(absl::StrCat(url, "&n=", count_),
                        absl::StrCat("ghp_", count_)));
    }
  }
  void ExpectALineASecond(const std::string& words,
                          const std::string& url = kUrl) {
    const CapturedLog log;
    FetchWithManyTokens(url);
    ASSERT_EQ(log.With(words).size(), 1U) << words;
    EXPECT_THAT(log.With(words)[0].message, Not(HasSubstr("more since")));
    clock_.Advance(absl::Minutes(1));
    FetchWithManyTokens(url);
    ASSERT_EQ(log.With(words).size(), 2U) << words;
    EXPECT_THAT(log.With(words)[1].message,
                HasSubstr("(49 more since the last such line)"));
    EXPECT_THAT(log.With("ghp_"), IsEmpty());
  }
};

TEST_F(LogTest, OfLimits) {
  Serve(429, R"({"message":"You have exceeded a secondary rate limit."})");
  ExpectALineASecond("refuses requests for a rate limit");
}

TEST_F(LogTest, OfQueriesLimits) {
  Serve(200, R"({"errors":[{"type":"RATE_LIMITED","message":"exceeded"}]})");
  const CapturedLog log;
  const auto query_with_many_tokens = [&] {
    for (int i = 0; i < 50; ++i) {
      (void)FetchPulls({.repo = *RepoName::Parse("o/r", "github.com"),
                        .what = PullSearch{.user = "octocat"},
                        .token = Secret(absl::StrCat("ghp_", ++count_))});
    }
  };
  query_with_many_tokens();
  EXPECT_EQ(log.With("refuses queries for a rate limit").size(), 1U);
  clock_.Advance(absl::Seconds(1));
  query_with_many_tokens();
  const auto lines = log.With("refuses queries for a rate limit");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[1].message, HasSubstr("(49 more"));
}

TEST_F(LogTest, OfFailures) {
  Serve(502, "<html>");
  ExpectALineASecond("failed, next attempt");
}

TEST_F(LogTest, OfRedirectsElsewhere) {
  Serve(301, "", {{"Location", "https://evil.example/"}});
  ExpectALineASecond("a redirect leads away");
}

TEST_F(LogTest, OfNextPagesElsewhere) {
  ExpectALineASecond("next page is not on the API's own origin",
                     "https://evil.example/?q=1");
}

TEST_F(LogTest, OfMalformedItems) {
  Serve(200, "[{}]");
  ExpectALineASecond("left out 1 malformed items of ");
}

class RedirectTest : public LimitsTest {
 protected:
  // `from` (without the origin) responds with that status and Location.
  void Redirect(const std::string& from, int status, const std::string& to) {
    redirects_[absl::StrCat("https://api.github.com", from)] = {status, to};
    answer_ = [this](const HttpRequest& request) {
      const auto found = redirects_.find(request.url);
      return found == redirects_.end()
                 ? Answer(200, "[]")
                 : Answer(found->second.first, "",
                          {{"Location", found->second.second}});
    };
  }

  std::map<std::string, std::pair<int, std::string>> redirects_;
};

TEST_F(RedirectTest, APermanentRedirectIsFollowedAndReported) {
  for (const int status : {301, 308}) {
    Redirect("/repos/o/r/issues?q=1", status,
             "https://api.github.com/repositories/7/issues?q=1");
    const PageResult page = Fetch();
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ((*page)->moved_to, "https://api.github.com/repositories/7");
    EXPECT_EQ(transport_.requests().back().bearer.Expose(), "ghp_one");
  }
}

TEST_F(RedirectTest, AMoveForNowIsFollowedAndForgotten) {
  for (const int status : {302, 307}) {
    Redirect("/repos/o/r/issues?q=1", status, "/repositories/7/issues?q=1");
    const PageResult page = Fetch();
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ((*page)->moved_to, "");
  }
}

TEST_F(RedirectTest, TheTokenDoesNotLeaveTheApisOrigin) {
  for (const char* target :
       {"https://evil.example/repositories/7/issues?q=1", "//evil.example/x",
        "http://api.github.com/x", "https://api.github.com.evil.example/x", "",
        "x", "https://api.github.com@evil.example/x"}) {
    Redirect("/repos/o/r/issues?q=1", 301, target);
    clock_.Advance(absl::Hours(1));
    const size_t before = requests();
    EXPECT_EQ(Fetch().status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(requests(), before + 1) << target;
  }
}

TEST_F(RedirectTest, FiveHopsAreTheMost) {
  for (int hop = 0; hop < 5; ++hop) {
    Redirect(absl::StrCat("/", hop), 301, absl::StrCat("/", hop + 1));
  }
  EXPECT_TRUE(Fetch(Query("https://api.github.com/0")).ok());
  Redirect("/5", 301, "/6");
  const PageResult page = Fetch(Query("https://api.github.com/0"));
  EXPECT_EQ(page.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(page.status().message()), HasSubstr("no end"));
}

}  // namespace
}  // namespace mentiond
