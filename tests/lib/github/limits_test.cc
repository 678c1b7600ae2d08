// GitHub's limits, faults and redirects, as the client meets them.

#include <map>

#include "tests/fakes/captured_log.h"
#include "tests/lib/github/client_fixture.h"

namespace mentiond {
namespace {

using mentions::v1::Delayed;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class LimitsTest : public ClientFixture {
 protected:
  static constexpr int kRequestsAtOnce = 100;  // of all tokens together

  explicit LimitsTest(int per_token = 1)
      : ClientFixture({.requests_at_once_per_token = per_token,
                       .requests_at_once = kRequestsAtOnce}) {}

  static Headers And(Headers headers, const char* name,
                     const std::string& value) {
    headers.emplace_back(name, value);
    return headers;
  }
  // A request that differs from all others in `mark`.
  static PageQuery Marked(const std::string& mark,
                          Priority priority = Priority::kLive) {
    return Query(absl::StrCat(kUrl, "&", mark), "ghp_one", priority);
  }
  Delayed::Reason ReasonOf(const PageResult& page) const {
    return DelayOf(page.status()).value_or(Delay{}).reason;
  }
};

TEST_F(LimitsTest, ARefusalSaysWhyAndWhenToTryAgain) {
  constexpr auto kRate = Delayed::REASON_RATE_LIMITED;
  constexpr auto kSecondary = Delayed::REASON_SECONDARY_RATE_LIMITED;
  const Headers none_left = Quota(5000, 0, absl::Minutes(20));
  const Headers left = {{"X-RateLimit-Remaining", "0"}};
  const std::string an_hour_ahead =
      absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                       clock_.Now() + absl::Hours(1), absl::UTCTimeZone());
  const auto retry_after = [](const char* value) {
    return Headers{{"Retry-After", value}};
  };
  const struct {
    int status;
    Headers headers;
    Delayed::Reason reason;
    int seconds;
    std::string message = "exceeded";
  } cases[] = {
      {403, none_left, kRate, 20 * 60 + 1},
      {403, Quota(5000, 4000, absl::Minutes(20)), kSecondary, 60,
       "You have exceeded a secondary rate limit."},
      // Retry-After comes before all else, but is no busy loop.
      {403, And(none_left, "Retry-After", "90"), kRate, 90},
      {429, And(none_left, "Retry-After", "90"), kRate, 90},
      {429, retry_after("0"), kSecondary, 1},
      // A time is relative to GitHub's clock.
      {403, And(Quota(5000, 0, absl::Minutes(65)), "Date", an_hour_ahead),
       kRate, 5 * 60 + 1},
      // No time, or nonsense: in the past, or in milliseconds.
      {429, {}, kSecondary, 60},
      {429, left, kRate, 60},
      {429, And(left, "X-RateLimit-Reset", "soon"), kRate, 60},
      {429, Quota(5000, 0, -absl::Minutes(5)), kRate, 60},
      {429, Quota(5000, 0, absl::Hours(480'000)), kRate, 60},
      {429, retry_after("-5"), kSecondary, 60},
      {429, retry_after("99999999999999999999"), kSecondary, 60},
      {429, retry_after("9999999"), kSecondary, 60},
  };
  for (size_t i = 0; i < std::size(cases); ++i) {
    const auto& one = cases[i];
    Serve(one.status, absl::StrCat(R"({"message":")", one.message, R"("})"),
          one.headers);
    const PageResult refused = FetchAnother(absl::StrCat("ghp_", i));
    EXPECT_EQ(ReasonOf(refused), one.reason) << i;
    EXPECT_EQ(WaitOf(refused), absl::Seconds(one.seconds)) << i;
  }
}

TEST_F(LimitsTest, WhenTheQuotaIsUsedUpNothingIsSentBeforeItsReset) {
  Serve(403, R"({"message":"API rate limit exceeded"})",
        Quota(5000, 0, absl::Minutes(20)));
  const PageResult refused = FetchAnother();
  EXPECT_EQ(WaitOf(FetchAnother()), WaitOf(refused));
  EXPECT_EQ(requests(), 1U) << "not even sent";
  EXPECT_EQ(WaitOf(FetchAnother("ghp_two")), WaitOf(refused));
  EXPECT_EQ(requests(), 2U) << "another token has its own";

  Serve(200, "[]");
  clock_.Advance(absl::Minutes(20));
  EXPECT_FALSE(FetchAnother().ok());
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(FetchAnother().ok());

  // A refusal that is no limit has no delay.
  Serve(403, R"({"message":"Resource protected by organization SAML"})",
        Quota(5000, 4000, absl::Minutes(20)));
  const absl::Status lasting = FetchAnother().status();
  EXPECT_TRUE(absl::IsPermissionDenied(lasting));
  EXPECT_EQ(DelayOf(lasting), std::nullopt);
}

TEST_F(LimitsTest, AfterASecondaryLimitHistoriesGoSlowerForAnHour) {
  Serve(429, "");
  clock_.Advance(WaitOf(FetchAnother()));
  Serve(200, "[]");
  ASSERT_TRUE(FetchAnother().ok());

  // The next of a history waits a little, a poll does not.
  const auto waiting = Ask(Marked("history", Priority::kHistory));
  EXPECT_FALSE(waiting->result.has_value());
  EXPECT_EQ(clock_.NextDeadline() - clock_.Now(), absl::Milliseconds(100));
  clock_.Advance(absl::Milliseconds(100));
  RunReady(loop_);
  EXPECT_TRUE(waiting->result.has_value());
  EXPECT_TRUE(FetchAnother().ok());

  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(FetchAnother("ghp_one", Priority::kHistory).ok());
}

TEST_F(LimitsTest, OfTheLastFifthTheLastTenthIsForPollsAndTheReserveForNobody) {
  constexpr auto kLive = Priority::kLive;
  constexpr auto kHistory = Priority::kHistory;
  // What is left is spread over the 1,000 s that the limit lasts.
  const struct {
    std::string token;
    int limit, remaining;
    Priority priority;
    int seconds;  // until the next request
  } cases[] = {
      {"ghp_one", 5000, 1000, kHistory, 0},
      {"ghp_one", 5000, 550, kLive, 2},
      {"ghp_one", 5000, 550, kHistory, 20},
      {"ghp_one", 5000, 150, kLive, 10},
      {"ghp_one", 5000, 500, kHistory, 1000},
      {"ghp_one", 5000, 52, kLive, 500},
      {"ghp_one", 5000, 50, kLive, 1000},
      // Without a token there are 60 requests an hour, of which one is kept.
      {"", 60, 12, kHistory, 0},
      {"", 60, 11, kLive, 100},
      {"", 60, 11, kHistory, 200},
      {"", 60, 6, kLive, 200},
      {"", 60, 6, kHistory, 1000},
      {"", 60, 3, kLive, 500},
      {"", 60, 1, kLive, 1000},
      {"", 60, 0, kLive, 1000},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(absl::StrCat(one.remaining, " of ", one.limit));
    Serve(200, "[]", Quota(one.limit, one.remaining, absl::Seconds(999)));
    ASSERT_TRUE(FetchAnother(one.token).ok()) << "the last limit is over";
    if (one.seconds > 0) {
      const size_t before = requests();
      const absl::Duration wait = WaitOf(FetchAnother(one.token, one.priority));
      EXPECT_EQ(wait, absl::Seconds(one.seconds));
      EXPECT_EQ(requests(), before);
      clock_.Advance(wait);
    }
    EXPECT_TRUE(FetchAnother(one.token, one.priority).ok());
    clock_.Advance(absl::Hours(1));
  }
}

TEST_F(LimitsTest, A304IsFreeButNotWithoutAToken) {
  for (const std::string token : {"ghp_one", ""}) {
    const Headers headers =
        And(Quota(60, 11, absl::Seconds(999)), "ETag", R"("1")");
    Serve(200, "[]", headers);
    ASSERT_TRUE(Fetch(Query(kUrl, token)).ok());
    clock_.Advance(absl::Seconds(100));
    Serve(304, "", headers);
    ASSERT_TRUE(Fetch(Query(kUrl, token)).ok());
    const PageResult next = Fetch(Query(kUrl, token));
    if (token.empty()) {
      EXPECT_EQ(WaitOf(next), absl::Seconds(90));
    } else {
      EXPECT_TRUE(next.ok()) << next.status();
    }
  }
}

TEST_F(LimitsTest, RequestsOfOneTokenTakeTurnsPollsFirst) {
  transport_.Hold();
  const auto first = Ask(Marked("first"));
  const auto second = Ask(Marked("history", Priority::kHistory));
  const auto third = Ask(Marked("poll"));
  const auto cancelled = Ask(Marked("cancelled"));
  const auto other = Ask(Query(kUrl, "ghp_two"));
  EXPECT_EQ(transport_.waiting(), 2U) << "one for each token";
  // Who is cancelled in the queue leaves no gap.
  Cancel(*cancelled);
  EXPECT_TRUE(absl::IsCancelled(cancelled->result->status()));

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
  EXPECT_TRUE(FetchAnother().ok());
}

struct TwoRequestsPerTokenTest : public LimitsTest {
  TwoRequestsPerTokenTest() : LimitsTest(/*per_token=*/2) {}
};

TEST_F(TwoRequestsPerTokenTest, TheThirdWaitsUntilOneOfThemEnds) {
  transport_.Hold();
  const auto first = Ask(Marked("first"));
  Ask(Marked("second"));
  const auto third = Ask(Marked("third"));
  EXPECT_EQ(requests(), 2U);

  Cancel(*first);

  EXPECT_EQ(requests(), 3U);
  EXPECT_EQ(transport_.waiting(), 2U);
  transport_.Release();
  RunReady(loop_);
  EXPECT_TRUE(third->result.has_value() && third->result->ok());
}

TEST_F(LimitsTest, RequestsBeyondTheTotalWaitTheirTurnPollsFirst) {
  const auto token = [](int i) { return absl::StrCat("ghp_", i); };
  transport_.Hold();
  for (int i = 0; i < kRequestsAtOnce; ++i) Ask(Query(kUrl, token(i)));
  const auto late = Ask(Query(kUrl, "ghp_history", Priority::kHistory));
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

TEST_F(LimitsTest, AFaultOrALimitIsTriedAgainByAllAfterAGrowingWait) {
  const struct {
    int status;
    absl::Duration unit;
    Delayed::Reason reason;
  } cases[] = {{502, absl::Seconds(1), Delayed::REASON_UPSTREAM_UNAVAILABLE},
               {429, absl::Minutes(1), Delayed::REASON_SECONDARY_RATE_LIMITED}};
  for (const auto& one : cases) {
    Serve(one.status, "<html>");
    for (const int units : {1, 2, 4, 8, 16, 32, 60, 60}) {
      const PageResult failed = Fetch();
      EXPECT_EQ(ReasonOf(failed), one.reason);
      EXPECT_EQ(WaitOf(failed), units * one.unit);
      const size_t before = requests();
      EXPECT_EQ(WaitOf(Fetch()), units * one.unit);
      EXPECT_EQ(requests(), before) << "who comes meanwhile waits, too";
      clock_.Advance(units * one.unit);
    }
    Serve(200, "[]");
    EXPECT_TRUE(Fetch().ok());
    Serve(one.status, "");
    EXPECT_EQ(WaitOf(Fetch()), one.unit) << "from the beginning";
    clock_.Advance(one.unit);
  }
}

TEST_F(LimitsTest, WhatManyTokensMeetAtOnceIsOneLineOfTheLogASecond) {
  const struct {
    int status;
    std::string body;
    std::string words;
    std::string location = "";
    std::string url = kUrl;
    bool graphql = false;
  } cases[] = {
      {429, "", "refuses requests for a rate limit"},
      {200, R"({"errors":[{"type":"RATE_LIMITED","message":"exceeded"}]})",
       "refuses queries for a rate limit", "", "", true},
      {502, "<html>", "failed, next attempt"},
      {301, "", "a redirect leads away", "https://evil.example/"},
      {200, "[]", "next page is not on the API's own origin", "",
       "https://evil.example/?q=1"},
      {200, "[{}]", "left out 1 malformed items of "},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.words);
    Serve(one.status, one.body, {{"Location", one.location}});
    const CapturedLog log;
    const auto fetch_with_many_tokens = [&] {
      for (int i = 0; i < 50; ++i) {
        const std::string token = absl::StrCat("ghp_", ++count_);
        if (one.graphql) {
          (void)FetchPulls(QueryOfAPull(token));
        } else {
          (void)Fetch(Query(absl::StrCat(one.url, "&n=", count_), token));
        }
      }
    };
    fetch_with_many_tokens();
    ASSERT_EQ(log.With(one.words).size(), 1U);
    EXPECT_THAT(log.With(one.words)[0].message, Not(HasSubstr("more since")));
    // The next one, a second later, tells of the others.
    clock_.Advance(absl::Seconds(1));
    fetch_with_many_tokens();
    ASSERT_EQ(log.With(one.words).size(), 2U);
    EXPECT_THAT(log.With(one.words)[1].message,
                HasSubstr("(49 more since the last such line)"));
    EXPECT_THAT(log.With("ghp_"), IsEmpty());
  }
}

TEST_F(LimitsTest, APermanentRedirectIsFollowedAndReportedAnotherForgotten) {
  const std::string moved = "https://api.github.com/repositories/7";
  for (const auto& [status, moved_to] : std::map<int, std::string>{
           {301, moved}, {308, moved}, {302, ""}, {307, ""}}) {
    for (const std::string origin : {"https://api.github.com", ""}) {
      answer_ = [&](const HttpRequest& request) {
        return request.url == kUrl
                   ? Answer(
                         status, "",
                         {{"Location", origin + "/repositories/7/issues?q=1"}})
                   : Answer(200, "[]");
      };
      const PageResult page = Fetch();
      ASSERT_TRUE(page.ok()) << page.status();
      EXPECT_EQ((*page)->moved_to, moved_to) << status;
      EXPECT_EQ(transport_.requests().back().url, moved + "/issues?q=1");
      EXPECT_EQ(transport_.requests().back().bearer.Expose(), "ghp_one");
    }
  }
}

TEST_F(LimitsTest, FiveRedirectsAreTheMost) {
  int left = 5;
  answer_ = [&](const HttpRequest& request) {
    return left-- == 0 ? Answer(200, "[]")
                       : Answer(301, "", {{"Location", request.url + "0"}});
  };
  EXPECT_TRUE(FetchAnother().ok());
  left = 6;
  const absl::Status status = FetchAnother().status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("no end"));
}

}  // namespace
}  // namespace mentiond
